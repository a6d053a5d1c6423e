"""The Python files that the checks read, and what a check finds."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

ROOMS = (
    "bot", "admin", "scheduler", "conversations", "tickets", "knowledge_base", "customers", "staff", "core",
    "migrations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at `path:line`; the message says how to mend it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the project, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def is_product(self) -> bool:
        return self.path.split("/")[0] in ROOMS

    def matches(self, *patterns: str) -> bool:
        """Whether the path fits one of the shell patterns; `*` spans directories."""
        return any(fnmatch(self.path, pattern) for pattern in patterns)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Each imported module with its line: `from a import b` gives `a.b`, which may be a name within `a`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def read_sources(root: Path) -> list[Source]:
    """Every Python file of the project, the ones not committed yet too."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [Source(path, (root / path).read_text("utf-8")) for path in sorted(listed) if (root / path).is_file()]

"""Lock files pin versions by hash and name no place to get them from."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.checks.source import Finding

_PLACE = re.compile(r"://|^\s*(--(extra-)?index-url|--find-links|-i|-f)\b")
_PIN = re.compile(r"^[A-Za-z0-9._-]+(\[[^\]]*\])?==")


def check(path: Path) -> Iterator[Finding]:
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if _PLACE.search(line):
            yield Finding(path.name, number, "names a registry: make it again with `make lock`")
        if _PIN.match(line) and "--hash=" not in "".join(lines[number : number + 1]):
            yield Finding(path.name, number, "has no hash: make it again with `make lock`")

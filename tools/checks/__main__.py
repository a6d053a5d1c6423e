"""`python -m tools.checks`: the architecture's rules that no ready-made linter knows. Exit code 1 with findings."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.checks import imports, locks, mappings, sizes, transactions
from tools.checks.source import Finding, read_sources

ROOT = Path(__file__).parents[2]


def findings(root: Path) -> Iterator[Finding]:
    """Everything that is wrong with the project under `root`."""
    for source in read_sources(root):
        for check in (sizes.check, transactions.check, imports.check, mappings.check):
            yield from check(source)
    for lock in sorted(root.glob("requirements*.lock")):
        yield from locks.check(lock)


def main() -> None:
    found = list(findings(ROOT))
    for finding in found:
        print(finding)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

"""`erasures.log` in the data folder: who was erased, by salted hashes, kept apart from the database.

A backup that is put back knows nothing of later erasures; this file does. One JSON object a line, only ever appended.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

NAME = "erasures.log"


@dataclass(frozen=True, slots=True)
class Entry:
    """`files`: the numbers of the person's files. `digests`: salted hashes of what they were known by."""

    customer: int
    files: tuple[int, ...]
    at: str
    salt: str
    digests: tuple[str, ...]
    asked_by: str

    @property
    def name(self) -> str:
        return f"{self.customer}@{self.at}"

    @property
    def asked_at(self) -> datetime:
        return datetime.fromisoformat(self.at)


def append(folder: Path, entry: Entry) -> None:
    """Written to the disk before it returns."""
    handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(asdict(entry)).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read(folder: Path) -> list[Entry]:
    """Every entry; a last line that a crash cut short is left aside."""
    path = folder / NAME
    entries: list[Entry] = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            found = json.loads(line)
            entries.append(Entry(**found | {"digests": tuple(found["digests"]), "files": tuple(found["files"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return entries

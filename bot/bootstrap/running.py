"""Who uses the data folder now: serving processes share it, a restore must have it alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Conflict

_LOCK_FILE = "running.lock"


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Marks this process as one that serves from `folder`.

    Raises:
        Conflict: a restore is going on.
    """
    with _locked(folder, fcntl.LOCK_SH, "a restore is going on; start Kefu when it is done"):
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps serving processes out of `folder`.

    Raises:
        Conflict: one is running.
    """
    with _locked(folder, fcntl.LOCK_EX, "Kefu is running on this data; stop it first"):
        yield


@contextmanager
def _locked(folder: Path, mode: int, otherwise: str) -> Iterator[None]:
    with (folder / _LOCK_FILE).open("a") as file:
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(otherwise) from None
        yield

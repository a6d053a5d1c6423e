"""Files: written whole or not at all; customers' under names that nobody can guess, outside the database."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from core.errors import LimitExceeded

_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@contextmanager
def writing_whole(target: Path) -> Iterator[Path]:
    """Where to write a file meanwhile: `target` appears whole or not at all, readable by its owner alone."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


class FileTooLarge(LimitExceeded):
    """More bytes came than the file may have."""

    code = "file_too_large"


class FileStore(Protocol):
    """Keeps files under the ids of their rows."""

    async def keep(self, file_id: str, chunks: AsyncIterator[bytes], most: int) -> int:
        """Writes a file whole or not at all; its size in bytes. Raises FileTooLarge above `most` bytes."""
        ...

    def find(self, file_id: str) -> Path | None:
        """Where the file lies; None when it is not there."""
        ...

    def remove(self, file_id: str) -> None:
        """Deletes the file, if it is there."""
        ...


class FolderStore:
    """Files in `folder`, in as many sub-folders as two letters make."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, file_id: str, chunks: AsyncIterator[bytes], most: int) -> int:
        path = self._path(file_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        size = 0
        try:
            with unfinished.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > most:
                        raise FileTooLarge(f"more than {most} bytes", retry_after=86_400)
                    await asyncio.to_thread(file.write, chunk)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return size

    def find(self, file_id: str) -> Path | None:
        path = self._path(file_id)
        return path if path.is_file() else None

    def remove(self, file_id: str) -> None:
        self._path(file_id).unlink(missing_ok=True)

    def _path(self, file_id: str) -> Path:
        if not _ID.fullmatch(file_id):
            raise ValueError("no id of a file")
        return self._folder / file_id[-2:].lower() / file_id

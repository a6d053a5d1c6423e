"""Where built snapshots lie: in a folder of this machine, and on PostgreSQL in chunks for machines that share no disk.

A snapshot is known by a name that says what went into it, so that one process builds it and all serve the same.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from core.clock import Clock
from core.database import Database, ReadSession, WriteSession, upsert_ignore
from knowledge_base.models import SnapshotChunk, SnapshotRow

#: A claim that nobody renews ends after this time; the builder renews it all the while.
LEASE = timedelta(seconds=30)
_CHUNK = 1 << 20
_KEPT = 4


class SnapshotStore:
    """The snapshots of one database as this process sees them."""

    def __init__(self, database: Database, clock: Clock, folder: Path, builder: str) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._builder = builder

    def path(self, name: str) -> Path:
        return self._folder / name

    def has(self, name: str) -> bool:
        """Whether it lies in this machine's folder, whole."""
        return self.path(name).is_dir()

    async def find(self, name: str) -> Path | None:
        """Its folder, fetched from the database if need be; None: nobody has built it."""
        if not self.has(name) and not await self._fetch(name):
            return None
        return self.path(name)

    async def newest(self) -> str | None:
        """The name of the snapshot that was built last, if this machine has it or can have it."""
        async with self._database.read() as session:
            names = [row.content_hash for row in await self._built(session)]
        for name in names:
            if await self.find(name):
                return name
        return None

    async def built_at(self, name: str) -> datetime | None:
        """When `name` was built, if it was; its files may be gone since."""
        async with self._database.read() as session:
            return await session.scalar(select(SnapshotRow.built_at).where(SnapshotRow.content_hash == name))

    async def claim(self, name: str, lost: datetime | None = None) -> bool:
        """Takes the right to build `name`, once for all processes, until `LEASE` from now.

        `lost`: the files of what was built at that instant are gone. Without it nothing that has been built is claimed:
        it may have been finished since one looked.
        """
        now = self._clock.now()
        row = {"content_hash": name, "builder": self._builder, "lease_until": now + LEASE, "files": []}
        nobodys = or_(SnapshotRow.builder == self._builder, SnapshotRow.lease_until < now)
        free = and_(SnapshotRow.built_at.is_(None), nobodys)
        if lost is not None:
            free = or_(free, SnapshotRow.built_at == lost)
        async with self._database.write() as session:
            new = upsert_ignore(SnapshotRow, self._database.url.get_backend_name()).values(**row)
            if await session.scalar(new.returning(SnapshotRow.id)):
                return True
            taken = update(SnapshotRow).where(SnapshotRow.content_hash == name, free)
            taken = taken.values(**row | {"built_at": None}).returning(SnapshotRow.id)
            return await session.scalar(taken) is not None

    async def renew(self, name: str) -> None:
        """Keeps one's claim for another `LEASE`; what has been built by it meanwhile stays built."""
        mine = (SnapshotRow.content_hash == name, SnapshotRow.builder == self._builder, SnapshotRow.built_at.is_(None))
        async with self._database.write() as session:
            await session.execute(update(SnapshotRow).where(*mine).values(lease_until=self._clock.now() + LEASE))

    async def give_up(self, name: str) -> None:
        """Lets somebody else build it."""
        async with self._database.write() as session:
            mine = (SnapshotRow.content_hash == name, SnapshotRow.builder == self._builder)
            await session.execute(delete(SnapshotRow).where(*mine, SnapshotRow.built_at.is_(None)))

    @asynccontextmanager
    async def workshop(self) -> AsyncIterator[Path]:
        """A folder to build in, beside the finished ones; gone afterwards."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".building-", dir=self._folder))
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    async def keep(self, name: str, built: Path) -> None:
        """Moves a finished snapshot into the folder, passes it on, and throws the oldest away."""
        await asyncio.to_thread(self._adopt, name, built)
        files = [] if self._database.is_sqlite else [await self._upload(file) for file in _files(self.path(name))]
        await self._mark_built(name, files)
        await self.prune()

    async def _mark_built(self, name: str, files: list[dict[str, Any]]) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            row = await session.scalar(select(SnapshotRow).where(SnapshotRow.content_hash == name))
            if row is None:
                row = SnapshotRow(content_hash=name, builder=self._builder, lease_until=now)
                session.add(row)
            row.built_at, row.files = now, files

    async def prune(self, kept: int = _KEPT) -> None:
        """Keeps the `kept` newest snapshots, here and in the database."""
        async with self._database.write() as session:
            await self._keep_only(session, (await self._built(session))[:kept])

    async def keep_only(self, name: str) -> None:
        """Throws away every snapshot but this one."""
        async with self._database.write() as session:
            await self._keep_only(session, [row for row in await self._built(session) if row.content_hash == name])

    async def _built(self, session: ReadSession) -> list[SnapshotRow]:
        """Newest first."""
        built = select(SnapshotRow).where(SnapshotRow.built_at.is_not(None))
        return list(await session.scalars(built.order_by(SnapshotRow.built_at.desc(), SnapshotRow.id.desc())))

    async def _keep_only(self, session: WriteSession, rows: Sequence[SnapshotRow]) -> None:
        names = {row.content_hash for row in rows}
        others = (SnapshotRow.content_hash.not_in(names), SnapshotRow.built_at.is_not(None))
        await session.execute(delete(SnapshotRow).where(*others))
        needed = {digest for row in rows for file in row.files for digest in file["chunks"]}
        await session.execute(delete(SnapshotChunk).where(SnapshotChunk.digest.not_in(needed)))
        await asyncio.to_thread(self._sweep, names)

    def _adopt(self, name: str, built: Path) -> None:
        if self.has(name):
            shutil.rmtree(self.path(name))
        built.rename(self.path(name))

    def _sweep(self, names: set[str]) -> None:
        for folder in self._folder.glob("*"):
            if folder.name not in names and not folder.name.startswith("."):
                shutil.rmtree(folder, ignore_errors=True)

    async def _upload(self, file: Path) -> dict[str, Any]:
        """Stores a file in chunks, each in a transaction of its own; what is there already is not sent again."""
        digests = []
        for chunk in _chunks(file):
            digest = sha256(chunk).hexdigest()
            digests.append(digest)
            async with self._database.write() as session:
                row = {"digest": digest, "size": len(chunk), "data": chunk}
                known = await session.scalar(select(SnapshotChunk.digest).where(SnapshotChunk.digest == digest))
                if known is None:
                    await session.execute(upsert_ignore(SnapshotChunk, "postgresql").values(**row))
        return {"name": file.name, "chunks": digests}

    async def _fetch(self, name: str) -> bool:
        async with self._database.read() as session:
            known = (SnapshotRow.content_hash == name, SnapshotRow.built_at.is_not(None))
            files = await session.scalar(select(SnapshotRow.files).where(*known))
        if not files:
            return False
        async with self.workshop() as folder:
            place = folder / "fetched"
            place.mkdir()
            whole = all([await self._download(place / file["name"], file["chunks"]) for file in files])
            if whole:
                await asyncio.to_thread(self._adopt, name, place)
            return whole

    async def _download(self, place: Path, digests: list[str]) -> bool:
        """Writes one file; False when a chunk has been thrown away meanwhile."""
        with place.open("wb") as file:
            for digest in digests:
                async with self._database.read() as session:
                    data = await session.scalar(select(SnapshotChunk.data).where(SnapshotChunk.digest == digest))
                if data is None:
                    return False
                file.write(data)
        return True


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.is_file())


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield chunk

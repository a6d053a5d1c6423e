"""Articles' files beside a backup of the database, which holds their rows alone: `FILE.files`, a tar of them."""

import tarfile
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import select

from core.database import Database
from core.errors import Conflict, InvalidInput
from core.files import FileStore, writing_whole
from knowledge_base.article_files import once
from knowledge_base.models import ArticleFile


def beside(backup: Path) -> Path:
    """Where the files of a backup lie."""
    return backup.with_name(f"{backup.name}.files")


async def list_file_ids(database: Database) -> list[str]:
    """The files that articles have, of any version."""
    async with database.read() as session:
        return list(await session.scalars(select(ArticleFile.id).order_by(ArticleFile.id)))


def pack(store: FileStore, ids: Collection[str], target: Path) -> int:
    """Writes those of the files that are in the store; how many. `target` appears whole or not at all.

    Raises:
        Conflict: `target` exists.
    """
    found = {file_id: path for file_id in ids if (path := store.find(file_id))}
    if target.exists():
        raise Conflict(f"{target} exists already; choose another name")
    if not found:
        return 0
    with writing_whole(target) as unfinished, tarfile.open(unfinished, "w") as archive:
        for file_id, path in found.items():
            archive.add(path, arcname=file_id, recursive=False)
    return len(found)


async def unpack(store: FileStore, wanted: Collection[str], source: Path) -> set[str]:
    """Puts back what is wanted and not there; returns what is still missing.

    Raises:
        InvalidInput: `source` is damaged.
    """
    missing = {file_id for file_id in wanted if store.find(file_id) is None}
    if not missing or not source.is_file():
        return missing
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.name in missing else None
                if content is not None:
                    await store.keep(member.name, once(content.read()), member.size)
                    missing.discard(member.name)
    except tarfile.TarError as error:
        raise InvalidInput(f"{source} is damaged: {error}") from None
    return missing

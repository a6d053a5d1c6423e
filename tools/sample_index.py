"""Builds the sample shop's index anew and puts it where the product ships it: `python -m tools.sample_index`.

Needed when the sample's texts, the packaged models or the format of snapshots change; takes about ten seconds.
"""

import asyncio
import tempfile
from pathlib import Path

from bot.bootstrap.first_start import load_sample_once
from bot.bootstrap.knowledge import open_knowledge
from bot.bootstrap.storage import open_database
from core.clock import SystemClock
from core.settings import Settings
from knowledge_base import prebuilt


async def build(folder: Path) -> Path:
    """The whole snapshot of the sample shop, built in `folder`, unless one ships."""
    clock, settings = SystemClock(), Settings.model_validate({"data_dir": folder})
    async with open_database(settings, clock) as database:
        await load_sample_once(database, clock, settings)
        async with open_knowledge(database, clock, settings) as knowledge:
            await knowledge.refresh(fully=True)
            assert knowledge.content_hash is not None
            return folder / "snapshots" / knowledge.content_hash


def main() -> None:
    for old in prebuilt.FOLDER.glob("*"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        archive = prebuilt.pack(asyncio.run(build(Path(folder))))
    print(f"{archive}: {archive.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

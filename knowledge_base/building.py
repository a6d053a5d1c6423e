"""Having a snapshot built by a process of its own (`knowledge_base.builder`), so that customers are answered meanwhile.

The request lies in FOLDER/request.json, what is built in FOLDER/quick and FOLDER/full.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import KefuError
from knowledge_base.plans import Stage
from knowledge_base.values import IndexedArticle, Thresholds

_REQUEST = "request.json"
_HOME = Path(__file__).resolve().parents[1]
Synonyms = tuple[tuple[str, ...], ...]


class BuildFailed(KefuError):
    code = "index_failed"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What goes into a snapshot. `previous` is the folder of a served one whose vectors can be used again."""

    articles: Sequence[IndexedArticle]
    embedder: str
    synonyms: Synonyms = ()
    thresholds: Thresholds | None = None
    previous: Path | None = None

    def write(self, folder: Path) -> None:
        document = asdict(self) | {"previous": None if self.previous is None else str(self.previous)}
        (folder / _REQUEST).write_text(json.dumps(document, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "BuildRequest":
        document: dict[str, Any] = json.loads((folder / _REQUEST).read_text("utf-8"))
        thresholds, previous = document["thresholds"], document["previous"]
        return cls(
            articles=[_article(row) for row in document["articles"]],
            embedder=document["embedder"],
            synonyms=tuple(tuple(group) for group in document["synonyms"]),
            thresholds=Thresholds(**thresholds) if thresholds else None,
            previous=Path(previous) if previous else None,
        )


def _article(row: dict[str, Any]) -> IndexedArticle:
    return IndexedArticle(**row | {"phrasings": tuple(row["phrasings"]), "related": tuple(row["related"])})


async def build_apart(request: BuildRequest, folder: Path) -> AsyncGenerator[Stage, None]:
    """Builds in a child process under `folder`, yielding each stage as it is complete. The child dies with the caller.

    Raises:
        BuildFailed: the child ended badly; the text is the last line that it wrote.
    """
    await asyncio.to_thread(request.write, folder)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_HOME), os.environ.get("PYTHONPATH", "")])}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "knowledge_base.builder", str(folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
        env=environment,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stderr is not None
    complaints = asyncio.create_task(child.stderr.read())
    try:
        async for line in child.stdout:
            yield Stage(line.decode().strip())
        if await child.wait() != 0:
            raise BuildFailed(f"the index could not be built: {_last_line(await complaints)}")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
        complaints.cancel()


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "the process was killed, perhaps for want of memory"

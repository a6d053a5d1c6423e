"""How long the first answer and the first page take, from the typed command, and what a serving process holds.

On one core. "First": into an empty folder, with the sample shop; "again": the same folder.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.support.program import running_kefu, start_kefu
from tests.support.web_visitor import visiting

_QUESTIONS = {"zh": "龙井茶怎么保存？", "en": "how long does shipping to Canada take"}


async def ask(folder: Path, question: str) -> float:
    """Seconds that `kefu ask` takes."""
    began = time.perf_counter()
    process = await start_kefu("ask", question, folder=folder)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(printed.decode())
    return time.perf_counter() - began


async def serve(folder: Path) -> tuple[float, float]:
    """Seconds until `kefu run` can be reached, and its memory in MB once both languages have been answered."""
    began = time.perf_counter()
    async with running_kefu(folder) as program:
        took = time.perf_counter() - began
        for language, question in _QUESTIONS.items():
            async with visiting(program.url, language=language) as visitor:
                await visitor.say(question, "q")
                await visitor.until(lambda seen: len(seen.by("bot")) > 1)
        memory = psutil.Process(program.process.pid).memory_info().rss / 1e6
        await program.stop()
    return took, memory


def _folders(name: str) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"{name}, first", Path(folder)
        yield f"{name}, again", Path(folder)


async def measure() -> None:
    for language, question in _QUESTIONS.items():
        for name, folder in _folders(f"kefu ask, {language}"):
            print(f"  {name:<20} {await ask(folder, question):5.2f} s", flush=True)
    for name, folder in _folders("kefu run"):
        took, memory = await serve(folder)
        print(f"  {name:<20} {took:5.2f} s  {memory:4.0f} MB", flush=True)


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asyncio.run(measure())


if __name__ == "__main__":
    main()

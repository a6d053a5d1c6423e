"""`kefu run` as a process of its own, as an owner starts it."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_START_SECONDS = 60
_ADDRESS = re.compile(r"Kefu is running: (http://\S+?)/?$")
_KEY = re.compile(r"kefu_\S+")
_ROOT = Path(__file__).parents[2]


@dataclass
class Program:
    """A running Kefu: where it is served, the admin's key if this start made one, and all that it printed."""

    process: asyncio.subprocess.Process
    url: str
    key: str | None
    printed: list[str]

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()

    async def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        return await self.process.wait()


@asynccontextmanager
async def running_kefu(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[Program]:
    """Starts `kefu run` on a free port with its own working folder and waits until it can be reached."""
    process = await start_kefu("run", "--port", "0", *arguments, folder=folder, **settings)
    printed: list[str] = []
    try:
        async with asyncio.timeout(_START_SECONDS):
            url, key = await _until_reachable(process, printed)
        reading = asyncio.create_task(_drain(process, printed))
        yield Program(process, url, key, printed)
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def start_kefu(*words: str, folder: Path, **settings: str) -> asyncio.subprocess.Process:
    """A `kefu` command as a process; stdout and stderr come together."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    given = {"KEFU_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(_ROOT), "PYTHONUNBUFFERED": "1", **settings}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli.main import main; main()",
        *words,
        cwd=folder,
        env=clean | given,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _until_reachable(process: asyncio.subprocess.Process, printed: list[str]) -> tuple[str, str | None]:
    url, key = None, None
    while (line := await _read(process, printed)) != "Ctrl-C stops it.":
        url = found[1] if (found := _ADDRESS.search(line)) else url
        key = found[0] if (found := _KEY.search(line)) else key
    assert url is not None, printed
    return url, key


async def _read(process: asyncio.subprocess.Process, printed: list[str]) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    if not line:
        raise AssertionError("kefu ended before it could be reached:\n" + "\n".join(printed))
    printed.append(line.rstrip())
    return printed[-1]


async def _drain(process: asyncio.subprocess.Process, printed: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        printed.append(line.decode().rstrip())

"""Another process that erases and is killed on the way."""

import asyncio
import subprocess
import sys
from datetime import datetime
from pathlib import Path


async def erase_and_die(url: str, folder: Path, deadly: str, who: str, now: datetime) -> None:
    """`who`: a customer, or `erase_and_die.CHAT`. Raises AssertionError when it lived."""
    given = [url, str(folder), deadly, who, now.isoformat()]
    command = [sys.executable, "-m", "tests.support.erase_and_die", *given]
    killed = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -9, killed.stderr.decode()

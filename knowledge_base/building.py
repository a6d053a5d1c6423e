"""Having a snapshot built by a process of its own (`knowledge_base.builder`), so that customers are answered meanwhile.

The request lies in FOLDER/request.json, what is built in FOLDER/quick and FOLDER/full.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import structlog

from core.errors import KefuError
from core.tasks import end
from knowledge_base.build_request import BuildRequest, Stage

log = structlog.get_logger(__name__)

_HOME = Path(__file__).resolve().parents[1]
#: BLAS threads of several processes spin for each other's cores: 860 wordings took 110 s of CPU instead of 10.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class BuildFailed(KefuError):
    code = "index_failed"


async def build_apart(request: BuildRequest, folder: Path) -> AsyncGenerator[Stage, None]:
    """Builds in a child process under `folder`, yielding each stage as it is complete. The child dies with the caller.

    Raises:
        BuildFailed: the child ended badly; the text is the last line that it wrote.
    """
    await asyncio.to_thread(request.write, folder)
    environment = (
        os.environ | _ONE_THREAD | {"PYTHONPATH": os.pathsep.join([str(_HOME), os.environ.get("PYTHONPATH", "")])}
    )
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
        said = await complaints
        if await child.wait() != 0:
            raise BuildFailed(f"the index could not be built: {_last_line(said)}")
        if said:
            log.warning("knowledge.build_complained", said=_last_line(said))
    finally:
        if child.returncode is None:
            child.kill()
        await end(complaints)
        await child.communicate()  # to the end of both pipes, or they stay open when the loop is closed


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "the process was killed, perhaps for want of memory"

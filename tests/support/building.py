"""Building what is served without a process of its own, for tests in which the process does not matter."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from knowledge_base import checking, provision
from knowledge_base.build_request import BuildRequest, Stage
from knowledge_base.builder import build


async def build_here(request: BuildRequest, folder: Path) -> AsyncGenerator[Stage, None]:
    """As `knowledge_base.building.build_apart`, in a thread."""
    stages: list[Stage] = []
    await asyncio.to_thread(request.write, folder)
    await asyncio.to_thread(build, folder, stages.append)
    for stage in stages:
        yield stage


def build_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, in this test."""
    for module in (checking, provision):
        monkeypatch.setattr(module, "build_apart", build_here)

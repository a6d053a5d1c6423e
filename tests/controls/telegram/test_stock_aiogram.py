"""Stock aiogram's polling loop, killed in the same way: the server's log shows what it loses."""

import asyncio
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.integration.telegram.test_kill import end_while_they_write, words_to
from tests.integration.telegram.worker import WorkerPlan, running_worker
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

pytestmark = pytest.mark.telegram


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        running.control("open_chats", ids=list(range(1, 26)))
        yield running


async def test_a_loop_that_confirms_before_it_handles_loses_messages(
    server: RemoteTelegramServer, tmp_path: Path
) -> None:
    plan = WorkerPlan("", server.url, tmp_path)
    written = await asyncio.to_thread(end_while_they_write, server, plan, 6, BaseProcess.kill, True)
    with running_worker(plan, stock=True):
        assert await asyncio.to_thread(server.control, "drained")
        answered = await until_quiet(server)
    assert answered < written, "the control found nothing to lose"


async def until_quiet(server: RemoteTelegramServer) -> int:
    """How many messages were answered once nothing more comes."""
    before, now = -1, 0
    while now != before:
        await asyncio.sleep(0.5)
        before, now = now, len({word for chat in range(1, 26) for word in words_to(server, chat)})
    return now

"""Stock aiogram's polling loop, killed in the same way: the server's log shows what it loses."""

import asyncio
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.integration.telegram.test_kill import SMALL, end_while_they_write
from tests.integration.telegram.worker import WorkerPlan, running_worker
from tests.telegram_server.client import RemoteTelegramServer, telegram_process

pytestmark = pytest.mark.telegram


@pytest.fixture
def server() -> Iterator[RemoteTelegramServer]:
    with telegram_process() as running:
        yield running


async def test_a_loop_that_confirms_before_it_handles_loses_messages(
    server: RemoteTelegramServer, tmp_path: Path
) -> None:
    plan = WorkerPlan("", server.url, tmp_path)
    written = await asyncio.to_thread(end_while_they_write, server, plan, SMALL, BaseProcess.kill, True)
    chats = SMALL.chats_of(written)
    with running_worker(plan, stock=True):
        assert await asyncio.to_thread(server.control, "drained")
        answered = await until_quiet(server, chats)
    server.control("open_chats", ids=list(chats))
    said = sum(is_words(message) for chat in chats for message in server.control("screen", chat_id=chat))
    assert answered < said, "the control found nothing to lose"


def is_words(message: dict[str, object]) -> bool:
    """A customer's message, to which the loop answers with its words."""
    sender = message["from"]
    return isinstance(sender, dict) and not sender["is_bot"]


async def until_quiet(server: RemoteTelegramServer, chats: range) -> int:
    """How many messages were answered once nothing more comes."""
    before, now = -1, 0
    while now != before:
        await asyncio.sleep(0.5)
        before, now = now, sum(len(server.texts(chat)) for chat in chats)
    return now

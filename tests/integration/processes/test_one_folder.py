"""Processes on one SQLite file, as an owner starts and ends them."""

import signal
from asyncio.subprocess import Process
from pathlib import Path

from sqlalchemy import func, select

from conversations import inbox, repository
from conversations.channels import TEST
from conversations.models import Message
from conversations.values import Author, Said, Visitor
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.books import until
from tests.support.program import running_kefu, start_kefu

SETTINGS = {"KEFU_SAMPLE_DATA": "false", "KEFU_EMBEDDER": "none"}


async def test_a_second_run_at_the_same_port_says_so_in_one_line_and_ctrl_c_ends_the_first_in_good_order(
    tmp_path: Path,
) -> None:
    async with running_kefu(tmp_path, **SETTINGS) as first:
        port = first.url.rpartition(":")[2]
        second = await start_kefu("run", "--port", port, folder=tmp_path, **SETTINGS)
        said, _ = await second.communicate()
        assert (second.returncode, said.decode().count("\n")) == (1, 1)
        assert said.decode().startswith(f"kefu: port {port} is in use")
        assert await first.stop() == 0


async def test_a_worker_answers_without_http_and_ends_in_good_order(tmp_path: Path) -> None:
    worker = await start_kefu("worker", folder=tmp_path, **SETTINGS)
    try:
        await until_it_works(worker)
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/data/kefu.db")
        await say(database, "你好")
        await until(lambda: is_answered(database), 20)
        await database.close()
        worker.send_signal(signal.SIGTERM)
        assert await worker.wait() == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()


async def until_it_works(worker: Process) -> None:
    assert worker.stdout is not None
    async for line in worker.stdout:
        if b"worker is running" in line:
            return
    raise AssertionError("the worker ended before it began")


async def say(database: Database, words: str) -> None:
    now = SystemClock().now()
    said = Said(visitor=Visitor(external_id="may"), at=now, message_id="1", text=words)
    raw = said.model_dump(mode="json")
    async with database.write() as session:
        await repository.ensure_account(session, "test:bot", TEST, now)
        await inbox.receive(session, account="test:bot", external_id="1", lane="may", raw=raw, now=now)


async def is_answered(database: Database) -> bool:
    own = select(func.count()).select_from(Message).where(Message.author == Author.BOT)
    async with database.read() as session:
        return bool(await session.scalar(own))

"""Marks below agents' words, ten thousand of them: what is looked at is found by its index, and each has its turn."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from bot.telegram.desk import marks
from bot.telegram.models import DeskPost, Mark
from conversations.desk_models import HeldReply
from conversations.models import Delivery, Message
from conversations.values import Author, DeliveryKind, DeliveryState
from core.database import Database
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import GROUP, TelegramFloor, telegram_floor

pytestmark = pytest.mark.db
_MANY, _UNSETTLED = 10_000, 50
NOW = datetime.fromisoformat("2026-03-02T02:00:00Z")


async def fill(database: Database, account: str) -> None:
    """A group after months: all is settled but for the last few."""
    rows = [
        {
            "account": account,
            "chat": str(GROUP),
            "number": n,
            "at": NOW,
            "mark": Mark.SENT if n < _MANY - _UNSETTLED else Mark.HELD,
        }
        for n in range(_MANY)
    ]
    async with database.write() as session:
        await session.execute(insert(DeskPost), rows)
        if database.engine.dialect.name == "postgresql":
            await session.execute(text("ANALYZE desk_post"))


async def plan_of(database: Database, account: str) -> str:
    """As the driver asks for it: with its values bound."""
    dialect = database.engine.dialect
    query = marks.unsettled(account).limit(100).compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    bound = [query.params[name] for name in query.positiontup or ()]
    values = tuple(getattr(value, "value", value) for value in bound)
    explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
    async with database.engine.connect() as connection:
        return "\n".join(str(row) for row in await connection.exec_driver_sql(f"{explain} {query}", values))


async def test_what_is_unsettled_is_found_by_its_index(database: Database) -> None:
    await fill(database, "telegram:bot")
    plan = await plan_of(database, "telegram:bot")
    assert "ix_desk_post_unsettled" in plan, plan


async def hang(floor: TelegramFloor, count: int, *, edited: bool) -> None:
    """So many of an agent's words stand there whose delivery, or the delivery of whose edit, hangs."""
    now, account = floor.clock.now(), floor.bot.door.account
    async with floor.database.write() as session:
        held = (await session.scalars(select(HeldReply))).one()
        said = await session.get_one(Message, held.message_id)
        if edited:
            edit = Message(conversation_id=said.conversation_id, seq=999, author=Author.AGENT, agent_id=said.agent_id,
                           text="二", replaces_id=said.id, at=now)  # fmt: skip
            session.add(edit)
            await session.flush()
            said = edit
        session.add(Delivery(account=account, lane="hangs", kind=DeliveryKind.AGENT_REPLY, payload={}, dedupe_key="h",
                             state=DeliveryState.PENDING, due_at=now, retry_at=now.replace(year=2099),
                             message_id=said.id))  # fmt: skip
        rows = [
            {"account": account, "chat": str(GROUP), "number": 50_000 + n, "at": now, "mark": Mark.HELD,
             "held_id": held.id}
            for n in range(count)
        ]  # fmt: skip
        await session.execute(insert(DeskPost), rows)


@pytest.mark.parametrize("edited", [False, True])
async def test_words_behind_many_that_hang_are_marked_all_the_same(
    database: Database, tmp_path: Path, edited: bool
) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        await floor.customer_says("人工")
        await floor.types("li", "/take")
        await floor.types("li", "一")
        await floor.later()
        assert floor.bot.door.desk is not None
        office = floor.bot.door.desk._office
        await hang(floor, 250, edited=edited)
        last = {"account": office.account, "chat": str(GROUP), "number": 90_000, "at": NOW, "mark": Mark.HELD}
        async with database.write() as session:
            await session.execute(insert(DeskPost), [last])
        after = 0
        for _ in range(3):
            after = await marks.settle(office, after)
        async with database.write() as session:
            assert await session.scalar(select(DeskPost.mark).where(DeskPost.number == 90_000)) is Mark.UNDONE
            assert len(list(await session.scalars(select(DeskPost).where(DeskPost.mark == Mark.HELD)))) == 250
            await session.execute(text("DELETE FROM delivery WHERE dedupe_key = 'h'"))

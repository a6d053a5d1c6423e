"""Which groups are desks: claimed, named by the setting, moved, removed; and the board that each has."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.telegram.desk import groups
from bot.telegram.desk.payloads import drafts, post
from bot.telegram.models import DeskGroup, DeskTopic
from bot.telegram.moved_chats import move_chat
from conversations import outbox
from conversations.repository import ensure_account
from core.clock import SystemClock
from core.database import Database
from staff import desks
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_bot import ACCOUNT
from tests.support.telegram_desk import GROUP, TelegramFloor, claim, telegram_floor

CLOCK = SystemClock()
OLD, NEW, OTHER = -500, -1005, -1006


async def chats(database: Database, chat_set: int | None = None) -> list[str]:
    async with database.write() as session:
        return [group.chat for group in await groups.sync(session, ACCOUNT, chat_set, CLOCK.now())]


async def test_the_setting_names_the_group_in_place_of_claimed_ones_and_follows_its_move(database: Database) -> None:
    async with database.write() as session:
        await ensure_account(session, ACCOUNT, "telegram", CLOCK.now())
    await claim(database, CLOCK, ACCOUNT, OTHER)
    assert await chats(database) == [str(OTHER)]
    assert await chats(database, OLD) == [str(OLD)]
    async with database.write() as session:
        await move_chat(session, ACCOUNT, str(OLD), str(NEW))
    assert await chats(database, OLD) == [str(NEW)]
    assert await chats(database) == [str(OTHER)]


async def test_a_claimed_group_that_moves_is_the_same_desk(database: Database) -> None:
    async with database.write() as session:
        await ensure_account(session, ACCOUNT, "telegram", CLOCK.now())
    await claim(database, CLOCK, ACCOUNT, OLD)
    assert await chats(database) == [str(OLD)]
    async with database.write() as session:
        await move_chat(session, ACCOUNT, str(OLD), str(NEW))
        await move_chat(session, ACCOUNT, str(OLD), str(NEW))
    assert await chats(database) == [str(NEW)]


async def move_to_another_group(floor: TelegramFloor, database: Database) -> None:
    """A customer wants a person; then another group is claimed, and the first one removed."""
    await floor.customer_says("人工")
    floor.server.group(OTHER, "Other", is_forum=True)
    await claim(database, floor.clock, floor.bot.door.account, OTHER)
    async with database.write() as session:
        [first, _second] = await desks.list_claimed(session)
        await desks.remove(session, first.id, by="test", now=floor.clock.now())
    await floor.settled()


async def test_cases_of_a_removed_group_stand_in_another(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        await move_to_another_group(floor, database)
        async with database.read() as session:
            assert [group.chat for group in await session.scalars(select(DeskGroup))] == [str(OTHER)]
            topic = (await session.scalars(select(DeskTopic))).one()
        assert topic.chat == str(OTHER)
        assert topic.thread in floor.server.world.chats[OTHER].topics
        before = len(floor.server.log.to(GROUP))
        await floor.customer_says("还在吗")
        assert len(floor.server.log.to(GROUP)) == before
        assert "还在吗" in floor.server.log.texts(OTHER)[-1]


async def test_what_waits_for_a_removed_group_is_told_where_its_case_stands_now(
    database: Database, tmp_path: Path
) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        await move_to_another_group(floor, database)
        before = len(floor.server.log.to(GROUP))
        calls = post(str(GROUP), "还在吗", topic=await floor.topic(), quotes=1)
        async with database.write() as session:
            waiting = drafts(floor.bot.door.account, calls, "news:late", floor.clock.now())
            await outbox.enqueue(session, *waiting)
        await floor.settled()
        assert len(floor.server.log.to(GROUP)) == before
        assert any("还在吗" in text for text in floor.server.log.texts(OTHER))


async def test_the_board_is_pinned_and_edited_in_place(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        chat = floor.server.world.chats[GROUP]
        [pinned] = chat.pinned
        assert chat.messages[pinned]["text"] == "现在没有要处理的。"
        await floor.customer_says("人工")
        floor.clock.advance(timedelta(minutes=1).total_seconds())
        await floor.settled()
        assert chat.pinned == [pinned]
        head, line = chat.messages[pinned]["text"].splitlines()
        assert head.startswith("待办 1 件，没人接 1 件")
        assert line == "⚪11:00 #1001 没人接 · 咨询"
        assert "t.me/c/1234567/" in str(chat.messages[pinned]["entities"])
        del chat.messages[pinned]
        await floor.types("li", "/take")
        floor.clock.advance(timedelta(minutes=1).total_seconds())
        await floor.settled()
        assert len(chat.pinned) == 2
        assert "小李" in chat.messages[chat.pinned[-1]]["text"]

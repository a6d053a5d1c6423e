"""Which groups are desks: claimed, named by the setting, moved, removed; and the board that each has."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.telegram.connection import make_bot
from bot.telegram.desk import groups, redoing
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import drafts, post
from bot.telegram.groups import Groups
from bot.telegram.models import DeskGroup, DeskTopic, StrayGroup
from bot.telegram.moved_chats import move_chat
from conversations import outbox
from conversations.repository import ensure_account
from core.clock import SystemClock
from core.database import Database
from customers import tasks
from customers.tasks import TaskDraft
from customers.values import TaskKind
from staff import desks
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_bot import ACCOUNT, telegram_settings
from tests.support.telegram_desk import GROUP, TelegramFloor, claim, telegram_floor
from tests.telegram_server.world import BOT_ID

CLOCK = SystemClock()
OLD, NEW, OTHER, STRANGE = -500, -1005, -1006, -1007


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


async def test_what_goes_wrong_in_one_group_keeps_nothing_from_another(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = redoing.redo

    async def broken_in_one(office: Office, group: DeskGroup) -> None:
        if group.chat == str(OTHER):
            raise ValueError("a row that nobody thought of")
        await sound(office, group)

    monkeypatch.setattr(redoing, "redo", broken_in_one)
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        floor.server.group(OTHER, "Other", is_forum=True)
        await claim(database, floor.clock, ACCOUNT, OTHER)
        await floor.settled()
        assert [len(floor.server.log.texts(chat)) for chat in (OTHER, GROUP)] == [1, 1]  # the board of each


@pytest.mark.parametrize("way", ["code", "setting"])
async def test_a_strange_group_that_becomes_the_desk_within_its_ten_minutes_is_not_left(
    database: Database, tmp_path: Path, way: str
) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        floor.server.group(OTHER, "Other", is_forum=True, bot="left")
        floor.server.group(STRANGE, "Tea lovers", bot="left")
        owner = floor.server.member(OTHER, 700, "Boss")
        owner.adds_bot()
        floor.server.member(STRANGE, 701, "Wu").adds_bot()
        await floor.settled()
        assert "只能一对一聊天" in floor.server.log.texts(OTHER)[0]
        floor.clock.advance(minutes=9)
        given = {"telegram_desk_chat_id": OTHER} if way == "setting" else {}
        if way == "code":
            async with database.write() as session:
                made = await desks.make_code(session, by="test", now=floor.clock.now())
            owner.says(f"/desk {made.code}")
            await floor.settled()
        floor.clock.advance(minutes=2)
        settings = telegram_settings(database, floor.server.url, **given)
        bot = make_bot(settings)
        groups_of_bot = Groups(bot, database, floor.clock, settings, ACCOUNT)
        await groups_of_bot.leave_due()
        await groups_of_bot.leave_due()
        await bot.session.close()
        await floor.settled()
        here = {chat: floor.server.world.chats[chat].members[BOT_ID].status != "left" for chat in (OTHER, STRANGE)}
        assert here == {OTHER: True, STRANGE: False}
        async with database.read() as session:
            assert not (await session.scalars(select(StrayGroup))).all()


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
        async with database.write() as session:
            await tasks.add_task(session, TaskDraft(TaskKind.CALL, "call_back"), floor.clock.now())
        floor.clock.advance(timedelta(minutes=1).total_seconds())
        await floor.settled()
        assert chat.messages[pinned]["text"].splitlines()[-1] == "另有 1 件任务要人办，在网页 /admin/tasks。"
        del chat.messages[pinned]
        await floor.types("li", "/take")
        floor.clock.advance(timedelta(minutes=1).total_seconds())
        await floor.settled()
        assert len(chat.pinned) == 2
        assert "小李" in chat.messages[chat.pinned[-1]]["text"]

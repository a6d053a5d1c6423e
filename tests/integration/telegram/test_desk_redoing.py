"""What does not reach the agents' group is right again minutes after the failure has ended; the doctor names it."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, or_, select, update

from bot.health.findings import Finding
from bot.telegram.connection import make_bot
from bot.telegram.examination import examine
from conversations.models import Delivery
from conversations.values import DeliveryKind, DeliveryState
from core.database import Database
from tests.integration.loops.books import until
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_bot import telegram_settings
from tests.support.telegram_desk import GROUP, TelegramFloor, telegram_floor

NOTHING_KNOWN = HandMadeKnowledge((), {})


async def minutes_pass(floor: TelegramFloor, count: int) -> None:
    """What can be tried in each of them is tried; what fails waits."""
    assert floor.bot.door.desk is not None
    assert await floor.server.updates.drained(10)
    for _ in range(count):
        floor.clock.advance(61)
        for _round in range(2):
            await floor.bot.door.desk.write_due()
            await until(lambda: nothing_is_due(floor), 5)


async def nothing_is_due(floor: TelegramFloor) -> bool:
    waits = Delivery.state == DeliveryState.PENDING
    is_due = or_(Delivery.retry_at.is_(None), Delivery.retry_at <= floor.clock.now())
    async with floor.database.read() as session:
        query = select(func.count()).select_from(Delivery)
        due = await session.scalar(query.where(or_(Delivery.state == DeliveryState.SENDING, waits & is_due)))
    # What waits behind another of its lane is due, and cannot be tried.
    return not due or await _is_held_up(floor)


async def _is_held_up(floor: TelegramFloor) -> bool:
    async with floor.database.read() as session:
        live = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
        rows = list(await session.scalars(select(Delivery).where(live).order_by(Delivery.id)))
    heads = {row.lane: row for row in reversed(rows)}
    return all(row.retry_at is not None and row.retry_at > floor.clock.now() for row in heads.values())


async def doctor_says(floor: TelegramFloor) -> dict[str, Finding]:
    settings = telegram_settings(floor.database, floor.server.url)
    bot = make_bot(settings)
    found = [one async for one in examine(bot, settings, floor.database, floor.clock)]
    await bot.session.close()
    return {one.name: one for one in found}


#: What fails, the word that the doctor has for it, and a part of its remedy.
FAILURES = [
    # Telegram is down.
    ("server_error", "not_written", "check the network"),
    # Its answers do not come through.
    ("reset", "unknown", "check the network"),
    # The bot was put out of the group.
    ("kicked", "kicked", "put the bot into the group again"),
    # It may not write there.
    ("no_right_to_write", "no_rights", "give the bot its rights back"),
]


@pytest.mark.parametrize(("kind", "reason", "remedy"), FAILURES)
async def test_card_and_board_stand_there_minutes_after_the_failure(
    database: Database, tmp_path: Path, kind: str, reason: str, remedy: str
) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        failing = [floor.server.fail(kind, chat_id=GROUP, method=one) for one in ("sendMessage", "editMessageText")]
        floor.anna.says("人工")
        await minutes_pass(floor, 4)
        assert any(fault.struck for fault in failing)
        found = (await doctor_says(floor))["telegram desk posts"]
        assert (found.well, reason in found.found, remedy in found.remedy) == (False, True, True)
        floor.server.world.faults.clear()
        await minutes_pass(floor, 6)
        await floor.settled()
        cards = [text for text in await floor.words() if "#1001 咨询" in text]
        assert len(cards) == 1
        assert not cards[0].startswith("原来的话题没有了")
        assert any("Anna：人工" in text for text in await floor.words())
        chat = floor.server.world.chats[GROUP]
        assert "#1001" in chat.messages[chat.pinned[-1]]["text"]
        assert (await doctor_says(floor))["telegram desk posts"].well


@pytest.mark.db
@pytest.mark.parametrize("kind", ["reset", "kicked", "too_long"])
async def test_edits_of_card_and_title_are_made_minutes_after_the_failure(
    database: Database, tmp_path: Path, kind: str
) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        await floor.customer_says("人工")
        for method in ("editMessageText", "editForumTopic"):
            floor.server.fail(kind, chat_id=GROUP, method=method)
        assert (await floor.shown_topic()).name.endswith("没人接 · 咨询")
        floor.people["li"].says("/take", thread=(await floor.shown_topic()).thread_id)
        await minutes_pass(floor, 4)
        assert "没人接" in (await floor.words())[0]
        assert not (await doctor_says(floor))["telegram desk posts"].well
        floor.server.world.faults.clear()
        await minutes_pass(floor, 12 if kind == "too_long" else 6)
        await floor.settled()
        assert "负责：小李" in (await floor.words())[0]
        assert "小李" in (await floor.shown_topic()).name
        assert (await doctor_says(floor))["telegram desk posts"].well


async def test_titles_wait_for_the_right_to_them(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        await floor.customer_says("人工")
        floor.people["sue"].promotes_bot("can_pin_messages")
        await floor.types("li", "/take")
        edits = len(floor.server.log.to(GROUP, "editForumTopic"))
        await minutes_pass(floor, 3)
        assert len(floor.server.log.to(GROUP, "editForumTopic")) == edits
        floor.people["sue"].promotes_bot()
        await minutes_pass(floor, 3)
        assert "小李" in (await floor.shown_topic()).name


async def test_what_failed_long_ago_is_not_told_any_more(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        await floor.customer_says("人工")
        told = floor.server.log.texts(GROUP)
        async with database.write() as session:
            values = {"state": DeliveryState.UNKNOWN, "because": "TimeoutError"}
            posts = update(Delivery).where(Delivery.kind == DeliveryKind.DESK_POST)
            await session.execute(posts.values(due_at=floor.clock.now() - timedelta(days=3), **values))
        await minutes_pass(floor, 2)
        assert floor.server.log.texts(GROUP) == told
        assert (await doctor_says(floor))["telegram desk posts"].well

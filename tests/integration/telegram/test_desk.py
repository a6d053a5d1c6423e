"""The agents' group: a topic a case, the customer's words in, the assignee's words out, notes, ten seconds to undo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import Database
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import GROUP, TelegramFloor, telegram_floor
from tickets.models import TicketEvent
from tickets.values import EventType

NOTHING_KNOWN = HandMadeKnowledge((), {})


@pytest.fixture
async def floor(database: Database, tmp_path: Path) -> AsyncIterator[TelegramFloor]:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        yield floor


@pytest.fixture
async def case(floor: TelegramFloor) -> TelegramFloor:
    """Anna asks for a person."""
    await floor.customer_says("人工")
    return floor


async def notes(floor: TelegramFloor) -> list[str | None]:
    async with floor.database.read() as session:
        query = select(TicketEvent.text).where(TicketEvent.type == EventType.NOTED).order_by(TicketEvent.id)
        return list(await session.scalars(query))


async def test_a_case_is_a_topic_with_a_card_and_the_words_that_led_to_it(case: TelegramFloor) -> None:
    topic = await case.shown_topic()
    assert "#1001" in topic.name
    card, talk = await case.screen()
    assert "没人接" in card["text"]
    assert "Anna：人工" in talk["text"]
    assert all(one.params.get("disable_notification") for one in case.server.log.messages(GROUP))


async def test_the_assignee_s_words_go_out_after_ten_seconds_and_the_customer_s_come_in(case: TelegramFloor) -> None:
    assert await case.presses("li", "我来接") == "#1001 归您了。"
    said = await case.types("li", "您好，马上给您查")
    assert case.mark(said) == "✍"
    assert not any("马上给您查" in text for text in case.heard())
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n您好，马上给您查"
    assert case.mark(said) == "👌"
    await case.customer_says("谢谢")
    last = (await case.screen())[-1]
    assert last["text"] == "@小李\nAnna：谢谢"
    assert last["entities"][0]["url"] == "tg://user?id=501"


async def test_everybody_else_s_words_are_notes_that_can_be_sent_after_all(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("chen", "又是她，烦死了")
    await case.later()
    assert await notes(case) == ["又是她，烦死了"]
    assert not any("烦死了" in text for text in case.heard())
    refused = await case.presses("chen", "发给顾客")
    assert "同事" in refused
    await case.presses("li", "发给顾客")
    assert case.mark(said) == "✍"
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n又是她，烦死了"


@pytest.mark.parametrize("mark", [".", "。", "．", "//"])
async def test_a_first_mark_keeps_words_among_staff(case: TelegramFloor, mark: str) -> None:
    await case.types("li", "/take")
    await case.types("li", f"{mark} 老客户")
    await case.later()
    assert await notes(case) == ["老客户"]
    assert not any("老客户" in text for text in case.heard())

"""Words that are put right in the group: undone in time, asked about when they guarantee something, taken back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import Database
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import TelegramFloor, telegram_floor
from tickets.models import GivenWord


@pytest.fixture
async def case(database: Database, tmp_path: Path) -> AsyncIterator[TelegramFloor]:
    """Anna asks for a person, and Li has taken her case."""
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        await floor.customer_says("人工")
        await floor.types("li", "/take")
        yield floor


async def edits(case: TelegramFloor, message_id: int, text: str) -> None:
    case.people["li"].edits(message_id, text)
    await case.settled()


async def test_typed_words_are_undone_within_ten_seconds(case: TelegramFloor) -> None:
    said = await case.types("li", "您号")
    await case.types("li", "/undo")
    assert case.mark(said) == ""
    again = await case.types("li", "您耗")
    await case.types("li", "/undo", reply_to=again.message_id)
    await case.later()
    assert not any(text.endswith(("您号", "您耗")) for text in case.heard())
    assert "十秒过去就发出去了" in await answer_to(case, "/undo")
    sent = await case.types("li", "您好")
    await case.later()
    assert "/unsend" in await answer_to(case, "/undo", reply_to=sent.message_id)
    assert case.heard()[-1] == "小李（人工）：\n您好"


async def answer_to(case: TelegramFloor, text: str, reply_to: int | None = None) -> str:
    await case.types("li", text, reply_to=reply_to)
    return (await case.words())[-1]


async def test_what_waits_and_comes_to_guarantee_something_is_asked_about(case: TelegramFloor) -> None:
    said = await case.types("li", "明天到")
    await edits(case, said.message_id, "保证明天到")
    await case.later()
    assert not any("明天到" in text for text in case.heard())
    assert "打包票" in (await case.words())[-1]
    await case.presses("li", "仍然发送")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n保证明天到"
    assert case.mark(said) == "👌"


async def test_what_was_sent_and_comes_to_guarantee_something_is_asked_about_once(case: TelegramFloor) -> None:
    said = await case.types("li", "明天到")
    await case.later()
    await edits(case, said.message_id, "保证明天到")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n明天到"
    assert await case.presses("li", "仍然发送") == "改过来了。"
    await case.settled()
    assert case.heard()[-1] == "小李（人工）：\n保证明天到"
    questions = len(await case.words())
    await edits(case, said.message_id, "保证明天中午到")
    assert case.heard()[-1] == "小李（人工）：\n保证明天中午到"
    assert len(await case.words()) == questions


async def test_a_guarantee_that_is_taken_out_again_asks_nothing_any_more(case: TelegramFloor) -> None:
    said = await case.types("li", "保证明天到")
    await edits(case, said.message_id, "争取明天到")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n争取明天到"
    assert "过时" in await case.presses("li", "仍然发送")


async def test_a_time_that_an_edit_brings_is_promised_in_place_of_the_old_one(case: TelegramFloor) -> None:
    said = await case.types("li", "今天下午5点前答复您")
    await case.later()
    await edits(case, said.message_id, "明天上午10点前答复您")
    async with case.database.read() as session:
        old, new = await session.scalars(select(GivenWord).order_by(GivenWord.id))
    assert (old.kept_at is not None, new.kept_at) == (True, None)
    assert new.due_at - old.due_at == timedelta(hours=17)
    assert "明天上午10点" in new.words


async def test_what_telegram_does_not_take_back_is_said_once_with_the_reason(case: TelegramFloor) -> None:
    said = await case.types("li", "38 元")
    await case.later()
    case.clock.advance(49 * 3600)
    await case.types("li", "/unsend", reply_to=said.message_id)
    calls = len(case.server.log.calls)
    for _ in range(3):
        await case.later(60)
    told = [text for text in await case.words() if text.startswith("没有收回")]
    assert told == ["没有收回：超过两天的话 Telegram 不让收回"]
    assert case.mark(said) == "👎"
    tried = [call.method for call in case.server.log.calls[calls:]]
    assert "deleteMessages" not in tried

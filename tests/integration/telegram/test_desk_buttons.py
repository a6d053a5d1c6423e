"""What one tap does in the agents' group: articles, canned replies, compensation, contacts, blocking, sending again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversations.desk import canned
from conversations.desk.canned import CannedText
from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database
from customers.models import Customer
from knowledge_base.models import LabelledQuestion
from knowledge_base.values import IndexedArticle
from staff.models import AuditEntry
from tests.support.knowledge import HandMadeKnowledge, answer
from tests.support.telegram_desk import TelegramFloor, telegram_floor
from tickets.models import Ticket
from tickets.values import Severity, TicketStatus

INVOICE = IndexedArticle("invoice", "zh", 3, "怎么开发票？", answer="订单页右上角点“开发票”。")
RETURNS = IndexedArticle("returns", "zh", 1, "怎么退货？", answer="七天之内可以退。")
BOTH = answer(INVOICE, RETURNS)
KNOWN = HandMadeKnowledge((INVOICE, RETURNS), {"怎么开发票？": BOTH, "发票": answer(INVOICE), "都有": BOTH})


@pytest.fixture
async def case(database: Database, tmp_path: Path) -> AsyncIterator[TelegramFloor]:
    """Anna asks about an invoice, reads the article, and wants a person all the same."""
    async with telegram_floor(database, KNOWN, tmp_path) as floor:
        await floor.customer_says("怎么开发票？")
        await floor.customer_says("人工")
        yield floor


async def labels(floor: TelegramFloor) -> list[str | None]:
    async with floor.database.read() as session:
        return list(await session.scalars(select(LabelledQuestion.article)))


def buttons(message: dict[str, object]) -> list[str]:
    markup = message.get("reply_markup")
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    return [button["text"] for row in rows for button in row]


async def test_the_card_has_the_best_articles_and_what_the_bot_gave(case: TelegramFloor) -> None:
    card = (await case.screen())[0]
    assert "机器人给过：invoice v3" in card["text"]
    assert buttons(card)[:3] == ["我来接", "发：怎么开发票？", "发：怎么退货？"]
    assert buttons(card)[-2:] == ["机器人答错了", "拉黑…"]


async def test_an_article_goes_out_with_one_tap_and_can_be_undone(case: TelegramFloor) -> None:
    await case.presses("li", "发：怎么退货？")
    shown = (await case.screen())[-1]
    assert shown["text"].endswith("七天之内可以退。")
    await case.presses("li", "撤销")
    await case.later()
    assert not any("七天" in text for text in case.heard())
    await case.presses("li", "发：怎么开发票？")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n订单页右上角点“开发票”。"
    assert (await case.screen())[-1]["reactions"][0]["emoji"] == "👌"
    assert "小李" in (await case.shown_topic()).name


async def test_a_canned_reply_is_filled_in_and_shown_before_it_goes_out(case: TelegramFloor) -> None:
    async with case.database.write() as session:
        now = case.clock.now()
        await canned.save(session, "hello", CannedText(zh="您好，{agent}为您处理 {number}"), by="test", now=now)
        await canned.save(session, "ship", CannedText(zh="{order} 明天寄出"), by="test", now=now)
    await case.types("li", "/take")
    await case.types("li", "/r hello")
    assert (await case.words())[-1] == "hello\n\n您好，小李为您处理 1001"
    await case.presses("li", "发给顾客")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n您好，小李为您处理 1001"
    await case.types("li", "/r ship")
    assert (await case.words())[-1].endswith("还缺：order，请补上再发。")


async def test_articles_are_found_by_words_and_chosen_from(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    await case.types("li", "/r 发票")
    assert (await case.words())[-1].startswith("怎么开发票？")
    await case.types("li", "/r 都有")
    assert buttons((await case.screen())[-1]) == ["怎么开发票？", "怎么退货？"]
    await case.presses("li", "怎么退货？")
    await case.presses("li", "发给顾客")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n七天之内可以退。"


async def test_a_wrong_answer_becomes_a_labelled_question(case: TelegramFloor) -> None:
    assert await case.presses("chen", "机器人答错了") == "记下了：invoice v3 答错了。"
    assert await labels(case) == [None]


async def test_contacts_are_shown_to_who_asks_and_the_book_keeps_it(case: TelegramFloor) -> None:
    async with case.database.write() as session:
        await session.execute(update(Customer).values(phone="+8613800138000"))
    case.clock.advance(minutes=2)
    await case.types("li", "/take")
    assert "•••8000" in (await case.screen())[0]["text"]
    toast = await case.presses("li", "联系方式")
    assert "+8613800138000" in toast
    assert not any("13800138000" in text for text in await case.words())
    async with case.database.read() as session:
        query = select(AuditEntry.actor).where(AuditEntry.action == "customers.show_contact")
        assert list(await session.scalars(query)) == ["li"]


async def test_compensation_is_chosen_from_what_the_rules_allow(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    await case.presses("li", "补偿…")
    offered = (await case.screen())[-1]
    assert "额度 100.00 CNY，本月还剩 5000.00 CNY" in offered["text"]
    assert buttons(offered) == ["道歉"]
    assert await case.presses("li", "道歉") == "已向顾客提出：道歉。"
    assert any("补偿 道歉" in text for text in await case.words())


async def test_a_sender_is_blocked_with_a_reason(case: TelegramFloor) -> None:
    await case.presses("li", "拉黑…")
    assert (await case.presses("li", "辱骂")).startswith("拉黑到 ")
    before = len(await case.words())
    await case.customer_says("还有我")
    assert len(await case.words()) == before
    await case.types("li", "/unblock")
    assert any("还有我" in text for text in await case.words())


async def test_a_severe_case_asks_for_its_root_cause(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    async with case.database.write() as session:
        await session.execute(update(Ticket).values(severity=Severity.HIGH))
    await case.types("li", "/resolve")
    causes = buttons((await case.screen())[-1])
    await case.presses("li", causes[0])
    async with case.database.read() as session:
        assert await session.scalar(select(Ticket.status)) == TicketStatus.RESOLVED


async def test_what_perhaps_arrived_is_sent_again_only_by_who_wrote_it(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    case.server.fail("reset", chat_id=case.anna.user["id"], times=1)
    said = await case.types("li", "在的")
    await case.later()
    assert case.mark(said) == "🤔"
    assert "过时" in await case.presses("chen", "再发一次")
    await case.presses("li", "再发一次")
    await case.settled()
    assert case.heard()[-1] == "小李（人工）：\n在的"
    assert case.mark(said) == "👌"
    async with case.database.read() as session:
        bad = select(Delivery.id).where(Delivery.state == DeliveryState.UNKNOWN)
        assert list(await session.scalars(bad)) == []


async def test_a_forged_button_does_nothing(case: TelegramFloor) -> None:
    card = (await case.screen())[0]["message_id"]
    for data in ("b|send:999999999999999999999999", "b|note:x", "b|give:voucher:99999:CNY", "b|nonsense", "x"):
        assert "过时" in await case.toast(case.people["li"].presses_data(data, card)), data

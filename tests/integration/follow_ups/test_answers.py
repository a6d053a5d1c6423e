"""What an answer makes of its follow-up: answered, asked again later; and gifts, which are given once and in budget."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversations.models import Message
from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from customers import consents
from customers.models import Customer
from scheduler.answering import apply_answers
from scheduler.models import FollowUp
from scheduler.programme_rules import PROGRAMMES
from tests.integration.follow_ups.shop import FollowUpShop, Sending, sending
from tests.support.clock import FakeClock
from tickets import ledger
from tickets.gifts import spent
from tickets.money_models import Grant
from tickets.values import GrantState

pytestmark = pytest.mark.db


@pytest.fixture
async def street(shop: FollowUpShop, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Sending]:
    async with sending(shop, clock, tmp_path) as running:
        yield running


async def answer(street: Sending, row: FollowUp, kind: AnswerKind) -> int:
    async with street.shop.database.write() as session:
        session.add(PromptAnswer(follow_up=row.id, programme=row.programme, customer_id=row.customer_id, kind=kind,
                                 question=0, at=street.clock.now()))  # fmt: skip
    return await apply_answers(street.shop.database, street.shop.office, street.clock.now())


async def ask(street: Sending) -> FollowUp:
    """A survey that has gone out."""
    await street.shop.person("li", birthday="03-03")
    text = PROGRAMMES.shipped.replace('trigger = { on = "holiday", date = "2020-01-01" }\nat = "11:00"\nlasts_hours = '
                                      '33\npriority = 8\nsurvey', 'trigger = { on = "date", field = "birthday" }\nat = '
                                      '"11:00"\nlasts_hours = 33\npriority = 8\nsurvey')  # fmt: skip
    await street.shop.publish(text)
    await street.shop.enable("poll")
    await street.at("03-03 11:00")
    (row,) = await street.shop.follow_ups()
    assert row.state.value == "sent"
    return row


async def test_an_answer_counts_and_a_stop_is_none(street: Sending) -> None:
    row = await ask(street)
    assert await answer(street, row, AnswerKind.STOP) == 1
    assert [one.state.value for one in await street.shop.follow_ups()] == ["sent"]
    assert await answer(street, row, AnswerKind.WORDS) == 1
    (row,) = await street.shop.follow_ups()
    assert (row.state.value, row.answered_at) == ("answered", street.clock.now())
    assert await apply_answers(street.shop.database, street.shop.office, street.clock.now()) == 0


async def test_whoever_says_later_is_asked_once_more_later_whatever_becomes_of_the_rules(street: Sending) -> None:
    row = await ask(street)
    await answer(street, row, AnswerKind.LATER)
    first, again = await street.shop.follow_ups()
    assert (first.state.value, again.state.value, again.occasion) == ("answered", "planned", "2026-03-17")
    assert (again.again_of, f"{again.due_at:%d %H:%M}") == (first.id, "17 03:00")
    async with street.shop.database.read() as session:
        rules = (await street.shop.office.programmes(session)).rules
    assert rules.find("poll") is not None
    await street.shop.publish(PROGRAMMES.shipped + "\n# another version\n")
    await street.tick()
    assert [one.state.value for one in await street.shop.follow_ups()] == ["answered", "planned"]
    # It goes out, although there are surveys once in ninety days only: this one was asked for.
    await street.at("03-17 11:00")
    assert [one.state.value for one in await street.shop.follow_ups()] == ["answered", "sent"]


async def grants(street: Sending) -> list[Grant]:
    async with street.shop.database.read() as session:
        return list(await session.scalars(select(Grant).order_by(Grant.id)))


async def test_gifts_are_said_only_when_granted_and_the_programme_s_budget_ends_them(street: Sending) -> None:
    shop = street.shop
    await shop.publish(PROGRAMMES.shipped.replace("budget = { CNY = 2000,", "budget = { CNY = 60,"))
    for number in range(5):
        await shop.person(f"p{number}", birthday="03-03")
    await shop.enable("birthday-gift")
    await street.at("03-03 10:00")
    assert len(street.said()) == 5
    assert sum("20元" in text for _, text in street.said()) == 3
    given = await grants(street)
    assert {(one.origin.value, one.budget, one.state, one.rule) for one in given} == {
        ("programme", "birthday-gift", GrantState.OFFERED, "programmes@1/birthday-gift")
    }
    async with shop.database.read() as session:
        assert await spent(session, "birthday-gift", "2026-03", "CNY") == 6000
        assert set((await ledger.totals(session)).values()) == {0}
        buttons = await session.scalars(select(Message.buttons))
    assert sorted(len(shown) for shown in buttons) == [0, 0, 2, 2, 2]


async def test_nobody_gets_a_second_gift_by_moving_their_birthday(street: Sending) -> None:
    shop = street.shop
    customer = await shop.person("li", birthday="03-03")
    await shop.enable("birthday-gift")
    await street.at("03-03 10:00")
    async with shop.database.write() as session:
        moved = update(Customer).where(Customer.id == customer)
        await session.execute(moved.values(birthday="03-20", updated_at=street.clock.now()))
    await street.at("03-20 10:00")
    assert [("20元" in text) for _, text in street.said()] == [True, False]
    assert len(await grants(street)) == 1


async def test_whoever_gets_no_message_gets_no_gift(street: Sending) -> None:
    shop = street.shop
    customer = await shop.person("li", birthday="03-03")
    await shop.enable("birthday-gift")
    await street.at("03-03 09:59")
    async with shop.database.write() as session:
        await consents.stop_everything(session, customer, source="chat", now=street.clock.now())
    await street.at("03-03 10:00")
    assert (street.said(), await grants(street)) == ([], [])

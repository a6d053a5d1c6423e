"""What is shown before it happens is what happens; looking changes nothing."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from admin.rule_kinds import BACKTESTS, Trial
from conversations.contact_rules import CONTACT, Reason
from conversations.models import Delivery
from core.errors import InvalidInput
from core.rulebook import Edition
from customers.values import OrderStatus
from scheduler.models import FollowUp
from scheduler.occurrences import Span
from scheduler.preview import Asked, Preview, preview, span_of_days
from scheduler.programme_rules import PROGRAMMES
from scheduler.showing import show_preview
from tests.integration.follow_ups.shop import FollowUpShop, Sending, sending
from tests.support.clock import FakeClock

DAYS = timedelta(days=7)


@pytest.fixture
async def street(shop: FollowUpShop, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Sending]:
    async with sending(shop, clock, tmp_path) as running:
        yield running


async def look(shop: FollowUpShop, clock: FakeClock, programme: str | None = None) -> Preview:
    now = clock.now()
    return await preview(shop.database, shop.office, Asked(Span(now, now + DAYS), programme), now)


async def fill(shop: FollowUpShop) -> None:
    """Birthdays all week, some on one day with a revisit; some without consent or address."""
    for number in range(12):
        customer = await shop.person(f"p{number}", birthday=f"03-{3 + number % 6:02}", care=number % 5 != 4 or None)
        if number % 3 == 0:
            arrived = shop.now - timedelta(days=4 - number % 2)
            await shop.order(f"A-{number}", customer, OrderStatus.DELIVERED, delivered_at=arrived)
    await shop.person("nowhere", birthday="03-04", account=None)
    await shop.person("sample", birthday="03-04", sample=True)


@pytest.mark.db
async def test_a_week_goes_as_its_preview_said(street: Sending) -> None:
    shop, clock = street.shop, street.clock
    await fill(shop)
    await shop.enable("birthday", "revisit")
    seen = await look(shop, clock)
    of_those_on = [row for row in seen.rows if row.because is not Reason.PROGRAMME_OFF]
    async with shop.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(FollowUp)) == 0
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 0
    for day in range(2, 10):
        await street.at(*(f"03-{day:02} {wall}" for wall in ("12:00", "20:59")))
    happened = {(f.programme, f.customer_id, f.occasion): f for f in await shop.follow_ups()}
    for row in of_those_on:
        found = happened[(row.programme.id, row.customer_id, row.occasion)]
        assert (found.state.value == "sent") == row.is_sent, (row, found.state, found.because)
    sent, skipped = seen.counts()
    assert sent == len(street.said())
    assert skipped["sample"] == skipped["no_channel"] == 1
    assert skipped["no_consent"] == 3


async def test_a_programme_that_is_off_says_so_and_alone_is_shown_as_if_it_were_on(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    await fill(shop)
    off = await look(shop, clock)
    assert {row.because.value for row in off.rows} == {"programme_off"}
    on = await look(shop, clock, "birthday")
    reasons = Counter(row.because.value for row in on.rows)
    assert reasons == {"due": 10, "no_consent": 2, "no_channel": 1, "sample": 1}
    async with shop.database.read() as session:
        shown = await show_preview(session, shop.office, on.first(1), on.contact, clock.now())
    (one,) = shown
    assert (one.channel, one.kind.value, one.because_text) == ("test", "care", "今天是顾客的生日")
    assert one.text.startswith("p0，今天是您的生日")
    assert one.due_local.isoformat() == "2026-03-03T10:00:00+08:00"
    assert one.rule == "programmes@0/birthday"


async def test_two_on_one_day_are_shown_as_one_sent_and_one_outranked(shop: FollowUpShop, clock: FakeClock) -> None:
    await shop.publish(PROGRAMMES.shipped.replace('date = "05-20"', 'date = "03-03"'))
    await shop.person("li", birthday="03-03")
    await shop.enable("birthday", "shop-day")
    seen = await look(shop, clock)
    assert [(row.programme.id, row.because.value) for row in seen.rows] == [
        ("birthday-gift", "programme_off"),
        ("birthday", "due"),
        ("shop-day", "outranked"),
    ]


async def test_what_other_rules_would_change_is_told_by_comparing_previews(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    await fill(shop)
    await shop.enable("birthday", "revisit")
    trial = Trial(shop.database, shop.office.zone, clock.now(), 7, shop.office.rulebook)
    old = Edition("contact", 0, CONTACT.shipped, CONTACT.parse(CONTACT.shipped))
    silent = CONTACT.parse(CONTACT.shipped.replace('from = "21:00"', 'from = "09:01"'))
    tried = await BACKTESTS["contact"](trial, old, silent)
    assert {(change["before"], change["after"]) for change in tried.changes} == {("send", "quiet_hours")}
    assert (await BACKTESTS["contact"](trial, old, old.rules)).changes == []
    programmes = Edition("programmes", 0, PROGRAMMES.shipped, PROGRAMMES.parse(PROGRAMMES.shipped))
    without = PROGRAMMES.parse(PROGRAMMES.shipped.replace('id = "birthday"', 'id = "another"', 1))
    tried = await BACKTESTS["programmes"](trial, programmes, without)
    assert ("birthday", "send", None) in {(c["programme"], c["before"], c["after"]) for c in tried.changes}


#: First day, last day, what is wrong.
WRONG = [
    (date(2026, 3, 2), date(2026, 3, 1), "before"),
    (date(2026, 3, 1), date(2026, 4, 1), "31 days"),
    (date(1800, 3, 1), date(1800, 3, 2), "1902"),
]


@pytest.mark.parametrize(("start", "end", "words"), WRONG)
def test_a_span_that_cannot_be_previewed_is_refused(shop: FollowUpShop, start: date, end: date, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        span_of_days(shop.office, start, end)


def test_thirty_one_days_are_a_whole_month(shop: FollowUpShop) -> None:
    span = span_of_days(shop.office, date(2026, 3, 1), date(2026, 3, 31))
    assert span.end - span.start == timedelta(days=31)

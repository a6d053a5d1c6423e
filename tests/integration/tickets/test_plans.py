"""Solved or dated: a date that an agent gives in time keeps the promise of an end, and is watched in its place."""

from datetime import datetime

import pytest
from sqlalchemy import select

from scheduler.jobs import Shop, keep_promises, keep_words
from staff.models import AuditEntry
from staff.values import Actor
from tests.integration.tickets.shop import TicketShop
from tests.unit.tickets.shipped import SHANGHAI
from tickets import desk, ending, given_words, lateness, repository, service
from tickets.models import Ticket, TicketClock
from tickets.policy import Work
from tickets.service import Complaint
from tickets.values import EventType, GivenTime, Severity, Target

pytestmark = pytest.mark.db


def at(text: str) -> datetime:
    """Of March 2026, as the shop's wall time: `04 15:00`."""
    return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def shown(when: datetime | None) -> str | None:
    return f"{when.astimezone(SHANGHAI):%d %H:%M}" if when else None


class Story:
    """A complaint of Monday the 2nd at ten, which is to be solved or dated by Tuesday at ten, and one agent."""

    def __init__(self, shop: TicketShop, ticket: Ticket, li: Actor) -> None:
        self.shop, self.ticket, self.li = shop, ticket, li

    @classmethod
    async def begin(cls, shop: TicketShop) -> "Story":
        return cls(shop, await shop.complain(await shop.customer()), await shop.person("li"))

    async def tell(self, deeds: str) -> None:
        for deed in deeds.split("; "):
            what, _, words = deed.partition(" ")
            if what == "wait":
                await self._wait(at(words))
            else:
                async with self.shop.work("li") as work:
                    await self._do(work, what, words)

    async def _wait(self, until: datetime) -> None:
        self.shop.clock.advance(seconds=(until - self.shop.clock.now()).total_seconds())
        run = Shop(self.shop.database, self.shop.clock, self.shop.policies)
        for job in (keep_promises, keep_words):
            await job(run)

    async def _do(self, work: Work, what: str, words: str) -> None:
        ticket = await repository.lock_ticket(work.session, self.ticket.number)
        match what:
            case "plan" | "answer":
                times = [GivenTime(one, at(one), what == "plan") for one in words.split(" and ")]
                await given_words.keep(work, ticket, times)
                await given_words.give(work, ticket, self.li.id, times)
            case "edit":
                old, _, new = words.partition(" -> ")
                await given_words.take_off(work, ticket, self.li.id, {at(old)})
                await given_words.give(work, ticket, self.li.id, [GivenTime(new, at(new))] if new else [])
            case "reply":
                await given_words.keep(work, ticket)
            case "pend" | "resume":
                await getattr(desk, what)(work, ticket)
            case "severity":
                await desk.edit(work, ticket, {"severity": Severity(words)})
            case "merge":
                said = Complaint(customer_id=ticket.customer_id, text="盖子也碎了", separate=True)
                self.ticket = (await service.open_complaint(work, said)).ticket
                await ending.merge(work, ticket, await repository.lock_ticket(work.session, self.ticket.number))
            case _:
                await getattr(ending, what)(work, ticket)

    async def clock(self) -> TicketClock:
        async with self.shop.database.read() as session:
            return (await repository.list_clocks(session, [self.ticket.id]))[self.ticket.id][Target.RESOLUTION]

    async def count(self, kind: EventType) -> int:
        return [event.type for event in await self.shop.events(self.ticket)].count(kind)


@pytest.mark.parametrize(
    ("deeds", "due", "broken"),
    [
        # in time: the date is watched; the 24 hours pass, and nothing is broken
        ("plan 04 15:00", "04 15:00", None),
        ("plan 04 15:00; wait 03 11:00", "04 15:00", None),
        # the date is broken, also by a second late
        ("plan 04 15:00; wait 04 15:00", "04 15:00", "04 15:00"),
        # sooner than the 24 hours: what was said is what counts
        ("plan 02 15:00; wait 02 15:00", "02 15:00", "02 15:00"),
        # of two dates in one message the last: then all is done
        ("plan 03 12:00 and 04 15:00", "04 15:00", None),
        # too late, and noticed or not: broken, and it stays so
        ("wait 03 10:00; plan 04 15:00; wait 04 16:00", "03 10:00", "03 10:00"),
        # a time for an answer is no date
        ("answer 04 15:00; wait 03 10:00", "03 10:00", "03 10:00"),
        # put off: measured by what was said first
        ("plan 04 15:00; plan 06 15:00; wait 04 15:00", "04 15:00", "04 15:00"),
        # a step on the way there changes nothing
        ("plan 04 15:00; plan 03 15:00; wait 03 15:00", "04 15:00", None),
        # a slip of the pen
        ("plan 04 15:00; edit 04 15:00 -> 05 12:00", "05 12:00", None),
        # taken back: as if it had never been said, the hours since count
        ("plan 04 15:00; edit 04 15:00", "03 10:00", None),
        ("plan 04 15:00; wait 03 11:00; edit 04 15:00; wait 03 11:01", "03 10:00", "03 10:00"),
        # while we wait for the customer it is not due; then it is again
        ("plan 04 15:00; pend", None, None),
        ("plan 04 15:00; pend; wait 03 12:00; resume", "04 15:00", None),
        # its time came meanwhile: the 24 hours go on where the date found them, after four
        ("wait 02 14:00; plan 03 15:00; pend; wait 04 10:00; resume", "05 06:00", None),
        # said while we wait
        ("pend; plan 04 15:00; wait 03 12:00; resume", "04 15:00", None),
        # graver: what they were told stays
        ("plan 04 15:00; severity critical", "04 15:00", None),
        # reopened: promised anew; merged: the earlier of both
        ("plan 04 15:00; resolve; reopen", "03 10:00", None),
        ("plan 02 15:00; merge", "02 15:00", None),
        ("plan 04 15:00; merge", "03 10:00", None),
    ],
)
async def test_what_is_watched_and_what_is_broken(
    shop: TicketShop, deeds: str, due: str | None, broken: str | None
) -> None:
    story = await Story.begin(shop)
    await story.tell(deeds)
    clock = await story.clock()
    assert (shown(clock.due_at), shown(clock.breached_at)) == (due, broken)


async def test_a_broken_date_goes_to_a_supervisor_once_and_its_word_has_passed(shop: TicketShop) -> None:
    story = await Story.begin(shop)
    async with shop.work("li") as work:
        await desk.replied(work, await repository.lock_ticket(work.session, story.ticket.number), "周三下午3点前退款")
    await story.tell("plan 04 15:00; reply; wait 04 14:30")
    assert (await story.count(EventType.REMINDED), await story.count(EventType.WARNED)) == (1, 0)
    await story.tell("wait 04 14:50; wait 04 15:00; wait 04 15:01")
    kinds = (EventType.WARNED, EventType.BREACHED, EventType.WORD_PASSED)
    assert [await story.count(kind) for kind in kinds] == [1, 1, 1]
    assert (await shop.ticket(story.ticket.number)).escalated_to == "supervisor"


async def test_before_a_date_breaks_the_customer_hears_a_new_time(shop: TicketShop) -> None:
    story = await Story.begin(shop)
    await story.tell("plan 04 15:00; wait 04 14:49")
    async with shop.work("clock") as work:
        ticket = await repository.lock_ticket(work.session, story.ticket.number)
        assert shown(await service.answer_by(work.session, ticket)) == "02 11:00"
        await desk.replied(work, ticket, "在办")
        assert shown(await service.answer_by(work.session, ticket)) == "04 15:00"
        assert await lateness.find_late(work.session, work.now, 10) == []
    await story.tell("wait 04 14:50")
    async with shop.work("clock") as work:
        late = await lateness.promise_anew(work, await repository.lock_ticket(work.session, story.ticket.number))
    assert late is not None
    assert (late.target, shown(late.promised_at), shown(late.new_at)) == (Target.RESOLUTION, "04 15:00", "05 15:00")


async def test_whoever_puts_a_date_off_has_told_the_new_time(shop: TicketShop) -> None:
    story = await Story.begin(shop)
    await story.tell("plan 04 15:00; plan 06 15:00; wait 04 14:55")
    async with shop.work("clock") as work:
        ticket = await repository.lock_ticket(work.session, story.ticket.number)
        await desk.replied(work, ticket, "在办")
        assert shown(await service.answer_by(work.session, ticket)) == "06 15:00"
        assert await lateness.promise_anew(work, ticket) is None
        assert [shown(one.due_at) for one in await given_words.list_open(work.session, [ticket.id])] == ["06 15:00"]


async def test_each_change_of_a_date_is_one_line_in_the_book_and_one_of_the_timeline(shop: TicketShop) -> None:
    story = await Story.begin(shop)
    await story.tell("plan 04 15:00; plan 04 15:00; plan 06 15:00; edit 04 15:00; plan 05 12:00; resolve; reopen")
    query = select(AuditEntry).where(AuditEntry.action == "tickets.plan").order_by(AuditEntry.id)
    async with shop.database.read() as session:
        book = [entry.changes["planned_at"] for entry in await session.scalars(query)]
    assert [[shown(datetime.fromisoformat(one)) if one else None for one in pair] for pair in book] == [
        [None, "04 15:00"], ["04 15:00", None], [None, "05 12:00"], ["05 12:00", None],
    ]  # fmt: skip
    assert await story.count(EventType.PLANNED) == 4

"""A ticket from hand to hand, to its end and back; promises stand still while we wait."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from customers.task_models import Task
from customers.values import TaskKind
from staff.models import Agent, AuditEntry
from staff.teams import save_team
from staff.values import Role
from tests.integration.tickets.shop import TicketShop
from tickets import desk, ending, repository, satisfaction, service, sweep
from tickets.desk import Hold
from tickets.models import Ticket
from tickets.policy import Work
from tickets.scores import Ask
from tickets.values import (
    IllegalMove,
    NotYours,
    Resolution,
    RootCauseMissing,
    Severity,
    StaleVersion,
    TakenAlready,
    TicketStatus,
)

pytestmark = pytest.mark.db


async def locked(work: Work, ticket: Ticket) -> Ticket:
    return await repository.lock_ticket(work.session, ticket.number)


async def test_taking_answering_and_resolving(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    li, chen = await shop.person("li"), await shop.person("chen")
    async with shop.work("li") as work:
        taken = await desk.take(work, ticket.number, li)
        await desk.replied(work, taken, "马上补发")
        await ending.resolve(work, taken, "已补发")
    assert (taken.status, taken.resolution, taken.assignee_id) == (TicketStatus.RESOLVED, Resolution.SOLVED, li.id)
    assert await shop.event_types(ticket) == ["opened", "taken", "replied", "resolved"]
    assert await shop.due(ticket) == {}
    async with shop.work("chen") as work:
        with pytest.raises(TakenAlready):
            await desk.take(work, ticket.number, chen)
        with pytest.raises(NotYours):
            await desk.lock_for(work, ticket.number, chen)


async def test_a_supervisor_may_work_on_anybodys_ticket(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    li, boss = await shop.person("li"), await shop.person("wang", Role.SUPERVISOR)
    async with shop.work("li") as work:
        await desk.take(work, ticket.number, li)
    async with shop.work("wang") as work:
        await desk.note(work, await desk.lock_for(work, ticket.number, boss), "我来看看")
    assert (await shop.events(ticket))[-1].text == "我来看看"


async def test_an_old_version_is_refused(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    li = await shop.person("li")
    async with shop.work("li") as work:
        await desk.take(work, ticket.number, li)
    async with shop.work("li") as work:
        with pytest.raises(StaleVersion):
            await desk.lock_for(work, ticket.number, li, version=1)
        now = await desk.lock_for(work, ticket.number, li, version=ticket.version + 2)
        assert now.version == 3


@pytest.mark.parametrize("waits", ["pending", "hold"])
async def test_promises_stand_still_while_we_wait(shop: TicketShop, waits: str) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=20)
    async with shop.work("li") as work:
        now = await locked(work, ticket)
        if waits == "pending":
            await desk.pend(work, now)
        else:
            await desk.hold(work, now, Hold("圆通快递", shop.clock.now() + timedelta(days=2)))
    assert await shop.due(ticket) == {}
    shop.clock.advance(hours=3)
    async with shop.work("li") as work:
        await desk.resume(work, await locked(work, ticket))
    # 20 of 60 minutes were used; 10:20 + 3:00 + 0:40
    assert await shop.due(ticket) == {"first_response": "03-02 14:00", "resolution": "03-03 13:00"}


async def test_a_severe_ticket_is_not_resolved_without_its_cause(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer(), "茶叶里有虫子")
    assert ticket.severity is Severity.CRITICAL
    async with shop.work("li") as work:
        with pytest.raises(RootCauseMissing):
            await ending.resolve(work, await locked(work, ticket))
        done = await ending.resolve(work, await locked(work, ticket), root_cause="storage")
    assert done.root_cause == "storage"


async def test_a_cause_that_comes_back_asks_for_prevention_once(shop: TicketShop) -> None:
    customer = await shop.customer()
    for _ in range(4):
        ticket = await shop.complain(customer)
        async with shop.work("li") as work:
            await ending.resolve(work, await locked(work, ticket), root_cause="packing")
    async with shop.database.read() as session:
        (task,) = (await session.scalars(select(Task))).all()
    assert (task.kind, task.data["root_cause"], task.data["times"]) == (TaskKind.PREVENT, "packing", 3)
    assert task.due_at == shop.clock.now() + timedelta(days=7)


@pytest.mark.parametrize(
    ("by", "owner"),
    [
        # whoever resolves what is nobody's
        ("li", "li"),
        # by a name that is nobody's: the supervisor, and of two the one with less to do
        ("clock", "sue"),
    ],
)
async def test_prevention_has_an_owner_though_the_ticket_has_none(shop: TicketShop, by: str, owner: str) -> None:
    await shop.person("zhou", Role.ADMIN)
    busy = await shop.person("busy", Role.SUPERVISOR)
    for name, role in (("sue", Role.SUPERVISOR), ("li", Role.AGENT)):
        await shop.person(name, role)
    async with shop.work() as work:
        call = Task(kind=TaskKind.CALL, subject="call_back", assignee_id=busy.id, created_at=work.now)
        work.session.add(call)
    customer = await shop.customer()
    for _ in range(3):
        ticket = await shop.complain(customer)
        async with shop.work(by) as work:
            await ending.resolve(work, await locked(work, ticket), root_cause="packing")
    async with shop.database.read() as session:
        query = select(Agent.name).join(Task, Task.assignee_id == Agent.id).where(Task.kind == TaskKind.PREVENT)
        assert (await session.scalars(query)).all() == [owner]


async def test_it_is_reopened_within_thirty_days_and_followed_by_another_later(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await ending.resolve(work, await locked(work, ticket))
    shop.clock.advance(days=29)
    async with shop.work() as work:
        again = await service.add(work, await locked(work, ticket), "又坏了", reopens=True)
    assert (again.id, again.status, again.reopened, again.severity) == (ticket.id, TicketStatus.OPEN, 1, Severity.HIGH)
    # promises begin anew
    assert await shop.due(ticket) == {"next_response": "03-31 11:00", "resolution": "04-01 10:00"}
    async with shop.work("li") as work:
        await ending.resolve(work, await locked(work, ticket), root_cause="packing")
    shop.clock.advance(days=31)
    async with shop.work() as work:
        follower = await service.add(work, await locked(work, ticket), "还是坏的", reopens=True)
        links = await repository.list_links(work.session, [follower.id])
    assert follower.id != ticket.id
    assert links[follower.id] == [ticket.id]


async def test_merging_keeps_the_earlier_promise_and_the_words(shop: TicketShop) -> None:
    customer = await shop.customer()
    first = await shop.complain(customer)
    shop.clock.advance(minutes=30)
    second = await shop.complain(customer, "少发了一罐", separate=True)
    before = await shop.due(first)
    async with shop.work("li") as work:
        await ending.merge(work, await locked(work, first), await locked(work, second))
    merged, survivor = await shop.ticket(first.number), await shop.ticket(second.number)
    assert (merged.status, merged.resolution, merged.merged_into_id) == ("closed", "merged", second.id)
    assert (await shop.due(survivor))["resolution"] == before["resolution"]
    (said,) = [event.data["said"] for event in await shop.events(survivor) if event.type == "merged"]
    assert said == ["茶罐破了，茶叶都洒了"]
    # it was rated as a repeat of the first, and is one matter with it now
    assert (second.severity, survivor.severity) == (Severity.HIGH, Severity.NORMAL)
    async with shop.work("li") as work:
        with pytest.raises(IllegalMove):
            await ending.reopen(work, await locked(work, first))


async def test_an_answer_that_was_promised_is_owed_where_the_matter_goes_on(shop: TicketShop) -> None:
    customer = await shop.customer()
    answered = await shop.complain(customer)
    async with shop.work("li") as work:
        await desk.replied(work, await locked(work, answered), "我们看看")
    shop.clock.advance(minutes=30)
    waiting = await shop.complain(customer, "人呢", separate=True)
    promised = (await shop.due(waiting))["first_response"]
    assert "next_response" not in await shop.due(answered)
    async with shop.work("li") as work:
        await ending.merge(work, await locked(work, waiting), await locked(work, answered))
    assert (await shop.due(answered))["next_response"] == promised


async def test_a_merge_takes_two_tickets_of_one_customer(shop: TicketShop) -> None:
    first, other = await shop.complain(await shop.customer()), await shop.complain(await shop.customer("C-2"))
    async with shop.work("li") as work:
        for into in (first, other):
            with pytest.raises(IllegalMove):
                await ending.merge(work, await locked(work, first), await locked(work, into))


async def test_links_are_made_once_and_taken_back(shop: TicketShop) -> None:
    customer = await shop.customer()
    one, two = await shop.complain(customer), await shop.complain(customer, separate=True)
    async with shop.work("li") as work:
        for _ in range(2):
            await ending.link(work, two, one)
        assert await repository.list_links(work.session, [one.id, two.id]) == {one.id: [two.id], two.id: [one.id]}
        await ending.unlink(work, one, two)
        assert await repository.list_links(work.session, [one.id]) == {one.id: []}
        with pytest.raises(IllegalMove):
            await ending.unlink(work, one, two)


async def test_withdrawing_ends_it(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work() as work:
        done = await service.withdraw(work, await locked(work, ticket), "不用了")
    assert (done.status, done.resolution) == (TicketStatus.CLOSED, Resolution.WITHDRAWN)


async def test_a_person_sets_the_severity_and_no_rule_changes_it_back(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await desk.edit(work, await locked(work, ticket), {"severity": Severity.LOW})
    async with shop.work() as work:
        after = await service.add(work, await locked(work, ticket), "太过分了，又碎了")
    assert (after.severity, after.severity_kept, after.priority) == (Severity.LOW, True, 4)


async def test_a_team_with_another_calendar_keeps_the_time_used(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=45)
    async with shop.work("wang") as work:
        team = (await save_team(work.session, "night", (), "always", by="wang", now=work.now)).team
        await desk.assign(work, await locked(work, ticket), None, team)
    assert (await shop.due(ticket))["first_response"] == "03-02 11:00"
    shop.clock.advance(hours=20)
    late = await shop.complain(await shop.customer("C-2"))
    async with shop.work("wang") as work:
        await desk.assign(work, await locked(work, late), None, team)
    # six in the morning: the night team is there
    assert (await shop.due(late))["first_response"] == "03-03 07:45"


async def test_every_change_of_status_has_one_line_in_the_book(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await desk.pend(work, await locked(work, ticket))
        await desk.resume(work, await locked(work, ticket))
        await ending.resolve(work, await locked(work, ticket))
        await ending.close(work, await locked(work, ticket))
    async with shop.database.read() as session:
        book = list(await session.scalars(select(AuditEntry).where(AuditEntry.object == f"ticket:{ticket.number}")))
    assert [entry.action for entry in book] == ["tickets.pending", "tickets.resume", "tickets.resolve", "tickets.close"]


@pytest.mark.parametrize(
    ("score", "asked", "status"),
    [
        (1, Ask.WHAT_WENT_WRONG, TicketStatus.OPEN),
        (2, Ask.WHAT_WENT_WRONG, TicketStatus.OPEN),
        (3, Ask.WHAT_WAS_MISSING, TicketStatus.RESOLVED),
        (4, Ask.WHAT_WAS_MISSING, TicketStatus.RESOLVED),
        (5, Ask.NOTHING, TicketStatus.RESOLVED),
    ],
)
async def test_scores(shop: TicketShop, score: int, asked: Ask, status: TicketStatus) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await ending.resolve(work, await locked(work, ticket))
    async with shop.work() as work:
        assert await satisfaction.give_score(work, await locked(work, ticket), score) is asked
        done = await satisfaction.say_why(work, await locked(work, ticket), "没有解释")
    assert (done.status, done.score, done.score_words) == (status, score, "没有解释")
    assert (done.escalated_to == "supervisor") is (score <= 2)
    rated = next(event for event in await shop.events(ticket) if event.type == "rated")
    assert rated.data == {"score": score, "at_risk": score <= 4}


async def test_a_score_can_be_changed_for_ten_minutes(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work() as work:
        with pytest.raises(IllegalMove):
            await satisfaction.give_score(work, await locked(work, ticket), 5)
        await ending.resolve(work, await locked(work, ticket))
        await satisfaction.give_score(work, await locked(work, ticket), 5)
    shop.clock.advance(minutes=10)
    async with shop.work() as work:
        await satisfaction.give_score(work, await locked(work, ticket), 4)
    shop.clock.advance(seconds=1)
    async with shop.work() as work:
        with pytest.raises(IllegalMove):
            await satisfaction.give_score(work, await locked(work, ticket), 1)


async def swept(shop: TicketShop) -> int:
    """Everything that time does, once."""
    async with shop.work("clock") as work:
        life = work.policy.rules.life
        count = await sweep.note_promises(work, await sweep.find_due(work.session, work.now, 100))
        count += await sweep.end_waits(work, await sweep.find_waits_over(work.session, work.now, 100))
        return count + await sweep.end_silence(work, await sweep.find_silent(work.session, life, work.now, 100))


async def test_a_warning_comes_first_then_one_breach(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=44)
    assert await swept(shop) == 0
    shop.clock.advance(minutes=1)
    assert await swept(shop) == 1
    assert await swept(shop) == 0
    assert (await shop.ticket(ticket.number)).escalated_to == "person"
    shop.clock.advance(minutes=15)
    assert await swept(shop) == 1
    shop.clock.advance(minutes=15)
    assert await swept(shop) == 0
    assert await shop.event_types(ticket) == ["opened", "warned", "escalated", "breached", "escalated"]
    assert (await shop.ticket(ticket.number)).escalated_to == "supervisor"
    breach = (await shop.events(ticket))[3]
    assert (breach.rule, breach.data["target"]) == ("tickets@0/everybody", "first_response")


async def test_an_answer_that_comes_too_late_is_a_breach_though_nobody_swept(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    shop.clock.advance(minutes=61)
    async with shop.work("li") as work:
        await desk.replied(work, await locked(work, ticket), "抱歉")
    assert await swept(shop) == 0
    assert (await shop.event_types(ticket)).count("breached") == 1


async def test_a_hold_ends_by_itself(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await desk.hold(work, await locked(work, ticket), Hold("圆通快递", shop.clock.now() + timedelta(days=1)))
    shop.clock.advance(days=1)
    assert await swept(shop) == 1
    assert (await shop.ticket(ticket.number)).status is TicketStatus.OPEN


async def test_silence_is_warned_of_and_then_closes(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await desk.pend(work, await locked(work, ticket))
    shop.clock.advance(days=3)
    assert await swept(shop) == 1
    assert (await shop.event_types(ticket))[-1] == "silence_warned"
    shop.clock.advance(days=1)
    assert await swept(shop) == 0
    shop.clock.advance(days=1)
    assert await swept(shop) == 1
    closed = await shop.ticket(ticket.number)
    assert (closed.status, closed.resolution) == (TicketStatus.CLOSED, Resolution.SILENT)


async def test_a_word_ends_the_silence(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await desk.pend(work, await locked(work, ticket))
    shop.clock.advance(days=3)
    await swept(shop)
    async with shop.work() as work:
        await service.add(work, await locked(work, ticket), "照片在这")
    shop.clock.advance(days=1)
    await swept(shop)
    assert (await shop.ticket(ticket.number)).status is TicketStatus.OPEN


async def test_a_resolved_ticket_is_closed_after_a_week(shop: TicketShop) -> None:
    ticket = await shop.complain(await shop.customer())
    async with shop.work("li") as work:
        await ending.resolve(work, await locked(work, ticket))
    shop.clock.advance(days=7)
    assert await swept(shop) == 1
    assert (await shop.ticket(ticket.number)).resolution is Resolution.SOLVED

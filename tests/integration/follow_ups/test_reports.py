"""Did it work, and what waits: a programme's report beside its holdout, the week in figures, Monday's digest."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.models import Account, Delivery
from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from conversations.values import DeliveryKind
from core.money import Money
from customers.models import Consent
from customers.task_models import Task
from customers.values import ConsentKind, OrderStatus, TaskState
from knowledge_base import question_log
from knowledge_base.values import Outcome, SearchResult
from scheduler.digest import post_digest
from scheduler.models import FollowUp
from scheduler.programme_report import Bought, ProgrammeReport, read_report
from scheduler.values import FollowUpKind, FollowUpState
from scheduler.week import Week, read_week
from scheduler.week_words import week_lines
from staff.models import Desk
from tests.integration.follow_ups.shop import FollowUpShop, sending
from tests.support.clock import FakeClock
from tests.support.policies import POLICIES
from tickets import desk, ending, grants, satisfaction
from tickets.grants import Request
from tickets.repository import lock_ticket
from tickets.service import Complaint, open_complaint
from tickets.values import GrantKind, TicketKind

pytestmark = pytest.mark.db
WIN_BACK = "win-back"


async def write_to(shop: FollowUpShop, customer: int, days_ago: int, because: str | None = None) -> int:
    """A win-back that was sent, or was kept back with a reason, so long ago; its id."""
    at = shop.now - timedelta(days=days_ago)
    row = FollowUp(
        programme=WIN_BACK, customer_id=customer, occasion=at.date().isoformat(), kind=FollowUpKind.PROMOTION,
        rule="programmes@0/win-back", happened_at=at, due_at=at, expires_at=at + timedelta(days=3),
        state=FollowUpState.SKIPPED if because else FollowUpState.SENT, because=because,
        sent_at=None if because else at, created_at=at,
    )  # fmt: skip
    async with shop.database.write() as session:
        session.add(row)
    return row.id


async def report(shop: FollowUpShop) -> ProgrammeReport:
    async with shop.database.read() as session:
        programme = (await shop.office.programmes(session)).rules.find(WIN_BACK)
        assert programme is not None
        return await read_report(session, programme, shop.now)


async def test_a_report_counts_who_bought_within_the_days_beside_those_who_were_kept_out(shop: FollowUpShop) -> None:
    people = [await shop.person(f"p{number}") for number in range(8)]
    bought_after = {0: 5, 1: 29, 2: 31}  # of the first three: days; the third too late
    for number, customer in enumerate(people[:4]):
        await write_to(shop, customer, 60)
        if number in bought_after:
            placed = shop.now - timedelta(days=60 - bought_after[number])
            await shop.order(f"A-{number}", customer, OrderStatus.DELIVERED, placed_at=placed)
    await write_to(shop, people[4], 10)  # its days still run
    await write_to(shop, people[5], 60, because="holdout")
    await write_to(shop, people[6], 60, because="holdout")
    await write_to(shop, people[7], 60, because="no_consent")
    # Kept out, and bought all the same; and somebody whose order was cancelled.
    await shop.order("B-1", people[5], OrderStatus.PLACED, placed_at=shop.now - timedelta(days=50))
    await shop.order("B-2", people[6], OrderStatus.CANCELLED, placed_at=shop.now - timedelta(days=50))
    found = await report(shop)
    assert (found.sent, found.skipped) == (5, {"holdout": 2, "no_consent": 1})
    assert (found.within_days, found.reached, found.held_out) == (30, Bought(4, 2, 1), Bought(2, 1, 0))
    assert found.reached.share == 0.5


async def test_a_report_counts_answers_and_those_who_had_enough(shop: FollowUpShop) -> None:
    people = [await shop.person(f"p{number}") for number in range(3)]
    rows = [await write_to(shop, customer, 5) for customer in people]
    at = shop.now - timedelta(days=5, hours=-1)
    async with shop.database.write() as session:
        for row, customer, value in zip(rows, people, ("price", "price", "rival"), strict=True):
            session.add(PromptAnswer(follow_up=row, programme=WIN_BACK, customer_id=customer, kind=AnswerKind.OPTION,
                                     value=value, at=at))  # fmt: skip
        session.add(Consent(customer_id=people[2], kind=ConsentKind.CARE, given=False, source="chat", by_customer=True,
                            at=at, recorded_at=at))  # fmt: skip
    found = await report(shop)
    assert [(one.question, one.value, one.count) for one in found.answers] == [(1, "price", 2), (1, "rival", 1)]
    assert found.stopped == 1


async def test_nothing_has_happened_yet(shop: FollowUpShop) -> None:
    found = await report(shop)
    assert (found.sent, found.since, found.reached.share, found.held_out) == (0, None, None, Bought(0, 0, 0))


@pytest.fixture
async def busy(shop: FollowUpShop) -> FollowUpShop:
    """A week with a complaint that was solved and rated, money to pay, a question without an answer, a follow-up."""
    customer = await shop.person("li")
    await write_to(shop, customer, 0)
    async with shop.database.write() as session:
        work = await POLICIES.work(session, shop.now, "li")
        said = Complaint(customer_id=customer, text="茶罐破了", kind=TicketKind.COMPLAINT)
        opened = await open_complaint(work, said)
        await desk.edit(work, await lock_ticket(session, opened.number), {"root_cause": "packing"})
        asked = Request(kind=GrantKind.REFUND, money=Money(1250, "CNY"), customer_id=customer, ticket=opened.ticket)
        grant = await grants.grant_by_rule(work, asked)
        await grants.accept(work, grant.id)
        ticket = await lock_ticket(session, opened.number)
        await ending.resolve(work, ticket)
        ticket.score, ticket.score_at = 5, shop.now
        nothing = SearchResult(outcome=Outcome.NONE, confidence=0.0)
        await question_log.record(session, "能开票吗", "zh", nothing, customer, shop.now)
        session.add(PromptAnswer(follow_up=1, programme="satisfaction", customer_id=customer, kind=AnswerKind.SCORE,
                                 value="3", at=shop.now))  # fmt: skip
    return shop


async def week_of(shop: FollowUpShop, of: date | None, clock: FakeClock) -> Week:
    async with shop.database.read() as session:
        return await read_week(session, shop.office, of, clock.now())


async def test_the_week_in_figures_and_what_waits(busy: FollowUpShop, clock: FakeClock) -> None:
    week = await week_of(busy, date(2026, 3, 4), clock)
    assert (week.start, week.end) == (date(2026, 3, 2), date(2026, 3, 8))
    assert (week.cases.opened, week.cases.complaints, week.cases.resolved) == (1, 1, 1)
    assert week.cases.causes == {"packing": 1}
    assert (week.scores.count, week.scores.fives, week.scores.share) == (2, 1, 0.5)
    assert (week.scores.at_risk, week.scores.cases) == (1, ())
    assert (week.asked, week.missed) == (1, 1)
    assert week.follow_ups.sent == 1
    assert (week.to_do.to_pay, week.to_do.amounts) == (1, (Money(1250, "CNY"),))
    (budget,) = week.budgets
    assert (budget.month, budget.currency, budget.spent_minor, budget.limit_minor) == ("2026-03", "CNY", 1250, 500000)
    before = await week_of(busy, None, clock)
    assert (before.start, before.cases.opened, before.follow_ups.sent) == (date(2026, 2, 23), 0, 0)


@pytest.mark.parametrize(
    ("scores", "at_risk", "cases"),
    [
        # content
        ([("li", 5)], 0, []),
        # asked what was missing, and what went wrong: the newest first
        ([("li", 4), ("wang", 3), ("chen", 1)], 3, [1003, 1002, 1001]),
        # one customer counts once
        ([("li", 3), ("li", 4)], 1, [1002, 1001]),
    ],
)
async def test_who_gave_less_than_five_counts_as_at_risk(
    shop: FollowUpShop, clock: FakeClock, scores: list[tuple[str, int]], at_risk: int, cases: list[int]
) -> None:
    people = {name: await shop.person(name) for name in dict(scores)}
    for name, score in scores:
        async with shop.database.write() as session:
            work = await POLICIES.work(session, clock.now(), "li")
            said = Complaint(customer_id=people[name], text="茶罐破了", kind=TicketKind.COMPLAINT, separate=True)
            ticket = (await open_complaint(work, said)).ticket
            await ending.resolve(work, ticket, root_cause="packing")
            await satisfaction.give_score(work, ticket, score)
        clock.advance(minutes=1)
    found = (await week_of(shop, date(2026, 3, 4), clock)).scores
    assert (found.at_risk, list(found.cases)) == (at_risk, cases)
    async with shop.database.read() as session:
        known = await satisfaction.list_at_risk(session, people.values())
    assert len(known) == at_risk


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "zh",
            [
                "一周小结 2026-03-02 至 2026-03-08",
                "要付的钱和要寄的东西：1笔 12.50元",
                "评分2个，5分占50%",
                "没给5分、可能流失的顾客：1位",
            ],
        ),
        (
            "en",
            [
                "The week of 2026-03-02 to 2026-03-08",
                "To be paid or sent: 1 ¥12.50",
                "Customers at risk, who gave less than five: 1",
            ],
        ),
    ],
)
async def test_the_week_in_words(busy: FollowUpShop, clock: FakeClock, language: str, lines: list[str]) -> None:
    week = await week_of(busy, date(2026, 3, 4), clock)
    said = list(week_lines(week, language, busy.office.zone))
    assert [line for line in lines if line not in said] == []


async def test_monday_s_digest_is_a_task_once_where_there_is_no_group(busy: FollowUpShop, clock: FakeClock) -> None:
    database, office = busy.database, busy.office
    clock.advance(days=6, hours=21)  # Monday 9 March, eight in the morning
    assert await post_digest(database, office, clock.now()) == 0
    clock.advance(hours=1)
    assert await post_digest(database, office, clock.now()) == 1
    assert await post_digest(database, office, clock.now()) == 0
    async with database.read() as session:
        (task,) = (await session.scalars(select(Task).where(Task.kind == "report"))).all()
    assert task.text is not None
    assert task.text.startswith("一周小结 2026-03-02 至 2026-03-08")
    clock.advance(days=3)  # Thursday: that week is no news any more
    assert await post_digest(database, office, clock.now()) == 0
    clock.advance(days=4)
    assert await post_digest(database, office, clock.now()) == 1
    async with database.read() as session:
        states = await session.scalars(select(Task.state).where(Task.kind == "report").order_by(Task.id))
        assert list(states) == [TaskState.DROPPED, TaskState.OPEN]


async def test_monday_s_digest_goes_to_each_group_once(busy: FollowUpShop, clock: FakeClock) -> None:
    database, office, now = busy.database, busy.office, clock.now()
    async with database.write() as session:
        session.add(Account(name="telegram:shop", channel="telegram", data={}, created_at=now))
        for number, removed_at in enumerate((None, None, now)):
            session.add(Desk(code_hash=f"{number}", created_by="li", created_at=now, expires_at=now, claimed_at=now,
                             account="telegram:shop", chat=f"-10{number}", removed_at=removed_at))  # fmt: skip
    clock.advance(days=6, hours=23)
    assert await post_digest(database, office, clock.now()) == 2
    assert await post_digest(database, office, clock.now()) == 0
    async with database.read() as session:
        posts = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
        assert (await session.scalars(select(Task))).all() == []
    assert [(post.kind, post.lane, post.state.value) for post in posts] == [
        (DeliveryKind.DESK_POST, "-100", "pending"),
        (DeliveryKind.DESK_POST, "-101", "pending"),
    ]


async def test_a_digest_is_written_while_greetings_go_out(busy: FollowUpShop, clock: FakeClock, tmp_path: Path) -> None:
    """It reads what the outbox writes, and neither waits for the other."""
    async with sending(busy, clock, tmp_path) as street:
        await busy.person("ann", birthday="03-09")
        await busy.enable("birthday")
        await street.at("03-09 10:00")
        assert await post_digest(busy.database, busy.office, clock.now()) == 1

"""Everybody is placed from the orders in the database; a move leaves a line of history, a second look nothing."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from core.database import Database
from core.rulebook import Rulebook
from customers.directory import Audience
from customers.models import Customer, Order
from customers.segment_models import SegmentMove, SegmentState
from customers.segment_refresh import refresh
from customers.segment_rules import SEGMENTS
from customers.segment_views import backtest, count_segments
from customers.values import OrderStatus, Stage, Tier
from tests.support.clock import FakeClock
from tests.support.obvious_segments import Bought, History, places

pytestmark = pytest.mark.db


async def fill(database: Database, now: datetime, seed: int, people: int) -> dict[int, History]:
    """Random customers with random orders; returns who bought what when."""
    random = Random(seed)
    histories: dict[int, History] = {}
    async with database.write() as session:
        customers = [Customer(created_at=now, updated_at=now) for _ in range(people)]
        session.add_all(customers)
        await session.flush()
        for customer in customers:
            bought = [
                Bought(random.randrange(4 * 900) / 4, random.randrange(100_000))
                for _ in range(random.choice((0, 1, 2, 5)))
            ]
            histories[customer.id] = bought
            for n, one in enumerate(bought):
                session.add(order_row(customer, f"{customer.id}-{n}", one, now))
        session.add(order_row(customers[0], "cancelled", Bought(0.25, 10**9), now, OrderStatus.CANCELLED))
        session.add(order_row(customers[0], "tomorrow", Bought(-1, 10**9), now))
    return histories


def order_row(
    customer: Customer, number: str, bought: Bought, now: datetime, status: OrderStatus = OrderStatus.DELIVERED
) -> Order:
    return Order(
        external_id=number, customer_id=customer.id, amount_minor=bought.amount, currency="CNY", status=status,
        placed_at=now - timedelta(days=bought.days_ago), created_at=now, updated_at=now,
    )  # fmt: skip


async def test_everybody_is_placed_as_the_obvious_computation_says(database: Database, clock: FakeClock) -> None:
    histories = await fill(database, clock.now(), seed=5, people=300)
    rules = SEGMENTS.parse(SEGMENTS.shipped)
    done = await refresh(database, Rulebook([SEGMENTS]), clock.now())
    expected = places(histories, {}, rules)
    async with database.read() as session:
        found = {c.id: (c.tier, c.stage, c.version) for c in await session.scalars(select(Customer))}
        states = {s.customer_id: s for s in await session.scalars(select(SegmentState))}
    assert done.customers == 300
    assert found == {who: (place.tier, place.stage, 1) for who, place in expected.items()}
    assert {who for who, history in histories.items() if history} == set(states)
    for who, state in states.items():
        assert state.score == pytest.approx(expected[who].score, abs=1e-5)
        assert state.orders == len(histories[who])


async def test_a_move_is_remembered_with_its_reason_and_a_second_look_changes_nothing(
    database: Database, clock: FakeClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        regular = Customer(created_at=now, updated_at=now)
        session.add(regular)
        await session.flush()
        for n, days in enumerate((10, 70, 130, 190)):
            session.add(order_row(regular, f"A-{n}", Bought(days, 100), now))
    book = Rulebook([SEGMENTS])
    await refresh(database, book, now)
    assert (await refresh(database, book, now)).moved == 0
    clock.advance(days=85)
    assert (await refresh(database, book, clock.now())).moved == 1
    async with database.read() as session:
        moves = list(await session.scalars(select(SegmentMove).where(SegmentMove.what == "stage")))
        customer = await session.get(Customer, regular.id)
    assert [(m.before, m.after, m.rule) for m in moves] == [("mature", "declining", "segments@0/later-than-usual")]
    assert moves[0].facts["silent"] == 95
    assert moves[0].facts["rhythm"] == 60
    assert customer is not None
    assert customer.stage is Stage.DECLINING


async def test_the_overview_counts_everybody_once(database: Database, clock: FakeClock) -> None:
    histories = await fill(database, clock.now(), seed=7, people=100)
    await refresh(database, Rulebook([SEGMENTS]), clock.now())
    async with database.read() as session:
        overview = await count_segments(session, Audience(), clock.now().date())
    assert sum(tier.customers for tier in overview.tiers) == 100
    assert sum(stage.customers for stage in overview.stages) == 100
    recent = sum(order.amount for history in histories.values() for order in history if order.days_ago < 365)
    assert sum(tier.spent_minor for tier in overview.tiers) == recent
    assert [tier.name for tier in overview.tiers] == [tier.value for tier in Tier]


async def test_a_backtest_counts_who_would_move_and_moves_nobody(database: Database, clock: FakeClock) -> None:
    await fill(database, clock.now(), seed=9, people=200)
    book = Rulebook([SEGMENTS])
    await refresh(database, book, clock.now())
    async with database.read() as session:
        current = await book.current(session, SEGMENTS)
    same = await backtest(database, current, current.rules, clock.now())
    assert same == (200, [])
    generous = SEGMENTS.shipped.replace("share = 0.01", "share = 0.11").replace("share = 0.80", "share = 0.70")
    everybody, moves = await backtest(database, current, SEGMENTS.parse(generous), clock.now())
    assert everybody == 200
    assert all(move.what == "tier" for move in moves)
    assert sum(move.customers for move in moves if move.after == "vip") > 0
    async with database.read() as session:
        assert list(await session.scalars(select(SegmentMove))) == []

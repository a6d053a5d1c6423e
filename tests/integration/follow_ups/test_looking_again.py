"""A look derives only what has come within reach or is news, and leaves out nothing that a whole look would find."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event, select, update

from core.database import Database
from customers.models import Customer, Order
from customers.segment_models import SegmentMove
from customers.values import OrderStatus, Stage
from scheduler import changes
from scheduler.models import FollowUp, PostedEvent, ProgrammeState
from scheduler.planner import plan_ahead
from tests.integration.follow_ups.shop import FollowUpShop
from tests.support.clock import FakeClock

_ON = ("birthday", "mid-autumn", "revisit", "order-received", "win-back", "back-in-stock", "service-quality")
_ZONES = (None, "Europe/Berlin", "America/New_York", "America/Havana", "Australia/Lord_Howe")
Deed = Callable[[], Awaitable[None]]


class History:
    """Things that happen to a shop's customers, in no order."""

    def __init__(self, shop: FollowUpShop, clock: FakeClock, seed: int) -> None:
        self._shop = shop
        self._clock = clock
        self._random = Random(seed)
        self._seed = seed
        self._people: list[int] = []
        self._made = 0

    async def go_on(self) -> None:
        deeds: tuple[Deed, ...] = (self._come, self._order, self._change, self._move, self._post, self._deliver)
        for _ in range(self._random.randint(1, 4)):
            await (self._random.choice(deeds) if self._people else self._come)()
        self._clock.advance(minutes=self._random.choice((1, 7, 20, 90, 400, 1500)))

    async def _come(self) -> None:
        self._made += 1
        zone, now = self._random.choice(_ZONES), self._clock.now()
        name = f"p{self._seed} {self._made}"
        made = await self._shop.person(name, birthday=self._birthday(), timezone=zone, updated_at=now)
        self._people.append(made)

    def _birthday(self) -> str:
        day = (self._clock.now() + timedelta(days=self._random.randint(0, 4))).date()
        return f"{day:%m-%d}"

    async def _order(self) -> None:
        now = self._clock.now()
        self._made += 1
        ago = timedelta(days=self._random.choice((0, 0, 4, 5, 29)), hours=self._random.randint(0, 20))
        status = self._random.choice((OrderStatus.PLACED, OrderStatus.DELIVERED))
        times = {"placed_at": now - ago, "delivered_at": now - ago, "created_at": now - ago, "updated_at": now}
        buyer = self._random.choice(self._people)
        await self._shop.order(f"A-{self._seed}-{self._made}", buyer, status, **times)

    async def _change(self) -> None:
        await self._set(birthday=self._birthday(), timezone=self._random.choice(_ZONES))

    async def _set(self, **facts: object) -> None:
        who = Customer.id == self._random.choice(self._people)
        async with self._shop.database.write() as session:
            await session.execute(update(Customer).where(who).values(updated_at=self._clock.now(), **facts))

    async def _move(self) -> None:
        customer, now = self._random.choice(self._people), self._clock.now()
        async with self._shop.database.write() as session:
            await session.execute(update(Customer).where(Customer.id == customer).values(stage=Stage.DECLINING))
            session.add(SegmentMove(customer_id=customer, what="stage", before="mature", after="declining", at=now,
                                    rule="segments@0/declining"))  # fmt: skip

    async def _post(self) -> None:
        self._made += 1
        at = self._clock.now() - timedelta(hours=self._random.randint(0, 30))
        event = PostedEvent(
            account="http:shop", external_id=f"e{self._seed}-{self._made}", kind="back_in_stock", at=at, data={},
            customer_id=self._random.choice(self._people), received_at=self._clock.now(),
        )  # fmt: skip
        async with self._shop.database.write() as session:
            session.add(event)

    async def _deliver(self) -> None:
        now = self._clock.now()
        async with self._shop.database.write() as session:
            news = {"status": OrderStatus.DELIVERED, "delivered_at": now - timedelta(days=4), "updated_at": now}
            await session.execute(update(Order).where(Order.status == OrderStatus.PLACED).values(**news))


async def keys(database: Database) -> set[tuple[str, int, str, int]]:
    query = select(FollowUp.programme, FollowUp.customer_id, FollowUp.occasion, FollowUp.step)
    async with database.read() as session:
        return {(row[0], row[1], row[2], row[3]) for row in await session.execute(query)}


async def live(shop: FollowUpShop, clock: FakeClock, seed: int, rounds: int) -> set[tuple[str, int, str, int]]:
    """Looks after each turn of a random history; what a whole look in the end still finds."""
    await shop.enable(*_ON)
    history = History(shop, clock, seed)
    for _ in range(rounds):
        await history.go_on()
        await plan_ahead(shop.database, shop.office, clock.now())
    before = await keys(shop.database)
    assert before
    async with shop.database.write() as session:
        for state in await session.scalars(select(ProgrammeState)):
            state.planned_at = None
    await plan_ahead(shop.database, shop.office, clock.now())
    return await keys(shop.database) - before


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_looks_leave_out_nothing_that_a_whole_look_finds(shop: FollowUpShop, clock: FakeClock, seed: int) -> None:
    assert await live(shop, clock, seed, rounds=25) == set()


@pytest.mark.soak
@pytest.mark.db
@pytest.mark.parametrize("seed", range(100, 130))
async def test_looks_leave_out_nothing_in_any_of_many_histories(
    shop: FollowUpShop, clock: FakeClock, seed: int
) -> None:
    assert await live(shop, clock, seed, rounds=120) == set()


async def test_a_careless_look_that_takes_no_news_is_caught(
    shop: FollowUpShop, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: news count for nothing."""
    monkeypatch.setattr(changes, "_SLACK", timedelta(days=-400))
    left = set()
    for seed in (1, 2, 3):
        left |= await live(shop, clock, seed, rounds=15)
    assert left


async def test_a_look_that_finds_nothing_new_reads_no_customer_and_writes_nothing(
    shop: FollowUpShop, clock: FakeClock
) -> None:
    for number in range(20):
        customer = await shop.person(f"p{number}", birthday="03-03")
        await shop.order(f"A-{number}", customer, OrderStatus.DELIVERED, delivered_at=shop.now - timedelta(days=4))
    await shop.enable("birthday", "revisit")
    assert await plan_ahead(shop.database, shop.office, clock.now()) == 40
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE", "WITH")):
            written.append(statement)

    clock.advance(hours=1)
    await plan_ahead(shop.database, shop.office, clock.now())
    clock.advance(seconds=30)
    event.listen(shop.database.engine.sync_engine, "before_cursor_execute", note)
    assert await plan_ahead(shop.database, shop.office, clock.now()) == 0
    assert written == []

"""Two files of one person become one, and two again; whatever happens in between, no order and no "stop" is lost."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from core.database import Database, ReadSession
from customers import consents, merge, service
from customers.merge import CannotMerge
from customers.models import ChannelIdentity, Customer, Order
from customers.privacy_models import Merge
from customers.values import BirthdayQuestion, ConsentKind, ContactWish, Preferences
from tests.integration.customers.people import known, order, visitor
from tests.integration.customers.test_imports import customers_in, orders_in, write
from tests.support.clock import FakeClock
from tests.support.databases import SqliteFiles
from tests.support.postgres import run_apart


@pytest.mark.db
async def test_everything_moves_and_moves_back(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        one = await known(session, clock.now(), external_id="C-1", name="李桂芳")
        two = await known(session, clock.now(), external_id="C-2", phone="13800138000")
        await order(session, clock.now(), "A-1", one)
        await order(session, clock.now(), "A-2", two)
        await consents.stop_everything(session, two.id, source="web", now=clock.now())
    async with database.write() as session:
        done = await merge.merge(session, one.id, two.id, by="li", now=clock.now())
    async with database.read() as session:
        found = await service.find_by_external_id(session, "C-2")
        assert found is not None
        assert (found.id, found.phone) == (one.id, "+8613800138000")
        owners = dict((await session.execute(select(Order.external_id, Order.customer_id))).all())
        assert owners == {"A-1": one.id, "A-2": one.id}
        assert not (await consents.current(session, one.id))[ConsentKind.CARE].given
    async with database.write() as session:
        await merge.undo(session, done.id, by="li", now=clock.now())
    async with database.read() as session:
        owners = dict((await session.execute(select(Order.external_id, Order.customer_id))).all())
        assert owners == {"A-1": one.id, "A-2": two.id}
        first = await session.get(Customer, one.id)
        assert first is not None
        assert (first.phone, first.merged_into_id) == (None, None)


@pytest.mark.db
async def test_a_stop_outlives_a_later_yes_in_the_other_file(database: Database, clock: FakeClock) -> None:
    """Nobody knows which of the two the person meant; silence does no harm."""
    async with database.write() as session:
        one, two = await known(session, clock.now(), external_id="C-1"), await known(session, clock.now(), name="C-2")
        await consents.stop_everything(session, one.id, source="web", now=clock.now())
        yes = dict.fromkeys(ConsentKind, True)
        await consents.record(session, two.id, yes, source="telegram", now=clock.now())
        await merge.merge(session, one.id, two.id, by="li", now=clock.now())
        standing = await consents.current(session, one.id)
    assert [given.given for given in standing.values()] == [False, False]


@pytest.mark.db
async def test_a_wish_and_a_no_to_the_question_hold_for_whoever_is_left(database: Database, clock: FakeClock) -> None:
    """To write only when they write first is meant like a stop; the tags of both are there, and go back."""
    async with database.write() as session:
        one = await known(session, clock.now(), external_id="C-1", tags=["会员"])
        two = await known(session, clock.now(), external_id="C-2", tags=["茶友", "会员"])
        two.preferences = Preferences(contact=ContactWish.ONLY_WHEN_I_WRITE_FIRST)
        two.birthday_question, two.chosen = BirthdayQuestion.DECLINED, ["preferences"]
    async with database.write() as session:
        done = await merge.merge(session, one.id, two.id, by="li", now=clock.now())
    async with database.read() as session:
        joined = await session.get_one(Customer, one.id)
        assert joined.preferences.contact is ContactWish.ONLY_WHEN_I_WRITE_FIRST
        assert (joined.birthday_question, joined.chosen) == (BirthdayQuestion.DECLINED, ["preferences"])
        assert joined.tags == ["会员", "茶友"]
        assert not service.may_ask_birthday(joined)
    async with database.write() as session:
        await merge.undo(session, done.id, by="li", now=clock.now())
    async with database.read() as session:
        parted = await session.get_one(Customer, one.id)
        assert (parted.tags, parted.birthday_question) == (["会员"], None)
        assert parted.preferences.contact is ContactWish.ONLY_WHEN_I_WRITE_FIRST


@pytest.mark.db
async def test_a_visitor_is_never_joined_with_somebody_known(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), external_id="C-1")
        stranger = await visitor(session, clock.now(), "a")
        other = await visitor(session, clock.now(), "b")
        for pair in ((customer.id, stranger.customer_id), (stranger.customer_id, customer.id)):
            with pytest.raises(CannotMerge, match="has not proven"):
                await merge.merge(session, *pair, by="li", now=clock.now())
        await merge.merge(session, stranger.customer_id, other.customer_id, by="li", now=clock.now())


class AnyOrder(RuleBasedStateMachine):
    """Imports, choices, merges and undos in any order on one database."""

    url = ""
    folder = Path()

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.orders: set[str] = set()
        self.stopped: set[str] = set()

    def _run(self, work: object) -> None:
        async def inside() -> None:
            database = Database(self.url)
            try:
                await work(database)  # type: ignore[operator]
            finally:
                await database.close()

        self.clock.advance(minutes=1)
        run_apart(inside())

    @initialize()
    def somebody(self) -> None:
        async def work(database: Database) -> None:
            async with database.write() as session:
                for table in reversed(Customer.metadata.sorted_tables):
                    await session.execute(table.delete())
                await visitor(session, self.clock.now(), "stranger")
                for number in ("C-1", "C-2"):
                    await known(session, self.clock.now(), external_id=number)

        self._run(work)

    @rule(numbers=st.sets(st.integers(1, 2), min_size=1), yes=st.booleans())
    def import_customers(self, numbers: set[int], yes: bool) -> None:
        text = "external_id,follow_ups,promotions\n" + "".join(
            f"C-{n},{'yes' if yes else ''},{'yes' if yes else ''}\n" for n in numbers
        )

        async def work(database: Database) -> None:
            await customers_in(database, self.clock, write(self.folder / "c.csv", text))

        self._run(work)

    @rule(number=st.integers(1, 3), buyer=st.integers(1, 2))
    def import_order(self, number: int, buyer: int) -> None:
        async def work(database: Database) -> None:
            file = write(self.folder / "o.csv", f"order no,customer id\nA-{number},C-{buyer}\n")
            report = await orders_in(database, self.clock, file)
            if report.created:
                self.orders.add(f"A-{number}")

        self._run(work)

    @rule(number=st.integers(1, 2))
    def stop(self, number: int) -> None:
        async def work(database: Database) -> None:
            async with database.write() as session:
                customer = await service.find_by_external_id(session, f"C-{number}")
                if customer is not None:
                    await consents.stop_everything(session, customer.id, source="web", now=self.clock.now())
                    self.stopped |= await self._numbers_of(session, customer.id)

        self._run(work)

    @rule(number=st.integers(1, 2))
    def agree(self, number: int) -> None:
        """Their own yes is the one thing that ends a stop."""

        async def work(database: Database) -> None:
            async with database.write() as session:
                customer = await service.find_by_external_id(session, f"C-{number}")
                if customer is not None:
                    yes = dict.fromkeys(ConsentKind, True)
                    await consents.record(session, customer.id, yes, source="web", now=self.clock.now())
                    self.stopped -= await self._numbers_of(session, customer.id)

        self._run(work)

    @staticmethod
    async def _numbers_of(session: ReadSession, customer_id: int) -> set[str]:
        found = {number: await service.find_by_external_id(session, number) for number in ("C-1", "C-2")}
        return {number for number, customer in found.items() if customer is not None and customer.id == customer_id}

    @rule(one=st.integers(1, 2), other=st.integers(1, 2))
    def merge(self, one: int, other: int) -> None:
        async def work(database: Database) -> None:
            async with database.write() as session:
                found = [await service.find_by_external_id(session, f"C-{n}") for n in (one, other)]
                ids = [customer.id for customer in found if customer is not None]
                if len(set(ids)) == 2:
                    await merge.merge(session, ids[0], ids[1], by="li", now=self.clock.now())

        self._run(work)

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        async def work(database: Database) -> None:
            async with database.write() as session:
                rows = select(Merge).where(Merge.undone_at.is_(None)).order_by(Merge.id.desc())
                newest = (await session.scalars(rows)).first()
                if newest is not None:
                    await merge.undo(session, newest.id, by="li", now=self.clock.now())

        self._run(work)

    @rule(number=st.integers(1, 2))
    def merge_with_the_stranger(self, number: int) -> None:
        async def work(database: Database) -> None:
            async with database.write() as session:
                customer = await service.find_by_external_id(session, f"C-{number}")
                stranger = (await session.scalars(select(ChannelIdentity))).one()
                if customer is not None:
                    with pytest.raises(CannotMerge):
                        await merge.merge(session, customer.id, stranger.customer_id, by="li", now=self.clock.now())

        self._run(work)

    @invariant()
    def nothing_is_lost_and_a_stop_is_a_stop(self) -> None:
        async def work(database: Database) -> None:
            async with database.read() as session:
                rows = await session.execute(select(Order.external_id, Customer).join(Customer))
                owners = {row[0]: row[1] for row in rows}
                assert set(owners) == self.orders
                assert all(customer.merged_into_id is None for customer in owners.values())
                for number in self.stopped:
                    customer = await service.find_by_external_id(session, number)
                    assert customer is not None
                    standing = await consents.current(session, customer.id)
                    assert not any(one.given for one in standing.values())
                stranger = (await session.scalars(select(ChannelIdentity))).one_or_none()
                assert stranger is None or not stranger.verified

        if self.url:
            self._run(work)


def test_any_order_of_imports_choices_merges_and_undos(sqlite_files: SqliteFiles, tmp_path: Path) -> None:
    with sqlite_files.fresh() as url:
        AnyOrder.url, AnyOrder.folder = url, tmp_path
        checks = list(HealthCheck)
        profile = settings(max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=checks)
        run_state_machine_as_test(AnyOrder, settings=profile)

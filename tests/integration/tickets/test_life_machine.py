"""Whatever customers, agents and the clock do in whatever order, a ticket's life follows its table."""

from collections import Counter, defaultdict
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from core.database import ReadSession
from scheduler.jobs import Shop, end_silence, end_waits, keep_promises, keep_words
from staff.models import AuditEntry
from staff.values import Role
from tests.integration.tickets.machine import ShopOnItsOwn
from tickets import desk, ending, given_words, repository, service
from tickets.desk import Hold
from tickets.models import Ticket, TicketClock, TicketEvent
from tickets.policy import Work
from tickets.status import MOVES, Move
from tickets.values import EventType, GivenTime, Target, TicketStatus

MINE = ("take", "replied", "pend", "hold", "resume", "resolve", "reopen", "close", "withdraw", "escalate", "merge")
_LEGAL = {(before, to) for moves in MOVES.values() for before, to in moves.items()}


class Life(RuleBasedStateMachine):
    """One customer with two matters, two agents and a supervisor, and time."""

    @initialize()
    def open_shop(self) -> None:
        self.own = ShopOnItsOwn()
        self.shop = self.own.shop
        self.was: dict[int, TicketStatus] = {}
        self.own.run(self._people())

    async def _people(self) -> None:
        roles = {"li": Role.AGENT, "chen": Role.AGENT, "sue": Role.SUPERVISOR}
        self.agents = {name: await self.shop.person(name, role) for name, role in roles.items()}
        customer = await self.shop.customer()
        self.numbers = [(await self.shop.complain(customer, separate=True)).number for _ in range(2)]

    @rule(which=st.booleans(), text=st.sampled_from(["在吗", "太过分了，又碎了", "谢谢"]), reopens=st.booleans())
    def customer_says(self, which: bool, text: str, reopens: bool) -> None:
        async def work() -> None:
            async with self.shop.work() as work:
                ticket = await repository.lock_ticket(work.session, self.numbers[which])
                await service.add(work, ticket, text, reopens=reopens)

        self.own.attempt(work())

    @rule(which=st.booleans(), what=st.sampled_from(MINE), who=st.sampled_from(["li", "chen", "sue"]))
    def agent_does(self, which: bool, what: str, who: str) -> None:
        self.own.attempt(self._act(which, what, who))

    async def _act(self, which: bool, what: str, who: str) -> None:
        async with self.shop.work(who) as work:
            number = self.numbers[which]
            if what == "take":
                await desk.take(work, number, self.agents[who])
                return
            ticket = await desk.lock_for(work, number, self.agents[who])
            await self._do(work, ticket, what, which)

    async def _do(self, work: Work, ticket: Ticket, what: str, which: bool) -> None:
        match what:
            case "replied":
                await desk.replied(work, ticket, "您好")
            case "hold":
                await desk.hold(work, ticket, Hold("快递", work.now + timedelta(hours=5)))
            case "resolve":
                await ending.resolve(work, ticket, root_cause="packing")
            case "merge":
                await ending.merge(work, ticket, await repository.lock_ticket(work.session, self.numbers[not which]))
            case "pend" | "resume" | "escalate":
                await getattr(desk, what)(work, ticket)
            case _:
                await getattr(ending, what)(work, ticket)

    @rule(
        which=st.booleans(),
        who=st.sampled_from(["li", "sue"]),
        hours=st.sampled_from([[2], [30], [50, 1]]),
        settles=st.booleans(),
        again=st.booleans(),
    )
    def agent_gives_a_time(self, which: bool, who: str, hours: list[int], settles: bool, again: bool) -> None:
        """`again`: what was said before is taken back first."""

        async def work() -> None:
            async with self.shop.work(who) as work:
                ticket = await desk.lock_for(work, self.numbers[which], self.agents[who])
                if not ticket.status.is_live:
                    return
                open_words = await given_words.list_open(work.session, [ticket.id])
                if again:
                    said = {one.due_at for one in open_words}
                    await given_words.take_off(work, ticket, self.agents[who].id, said)
                times = [GivenTime("说", work.now + timedelta(hours=one), settles) for one in hours]
                await given_words.keep(work, ticket, times)
                await given_words.give(work, ticket, self.agents[who].id, times)

        self.own.attempt(work())

    @rule(minutes=st.sampled_from([5, 50, 300, 24 * 60, 8 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.shop.clock.advance(minutes=minutes)
        run = Shop(self.shop.database, self.shop.clock, self.shop.policies)
        for job in (keep_promises, keep_words, end_waits, end_silence):
            self.own.run(job(run))
            self._look_at_moves()

    @invariant()
    def the_table_holds(self) -> None:
        if hasattr(self, "own"):
            self._look_at_moves()
            self.own.run(self._look())

    def _look_at_moves(self) -> None:
        """Each change since the last look is one of the table."""
        now = self.own.run(self._statuses())
        for ticket, status in now.items():
            before = self.was.get(ticket, status)
            assert (before, status) in _LEGAL or before is status, (before, status)
        self.was = now

    async def _statuses(self) -> dict[int, TicketStatus]:
        async with self.shop.database.read() as session:
            return {row.id: row.status for row in await session.execute(select(Ticket.id, Ticket.status))}

    async def _look(self) -> None:
        async with self.shop.database.read() as session:
            for ticket in await session.scalars(select(Ticket)):
                rows = (await repository.list_clocks(session, [ticket.id]))[ticket.id].values()
                assert all(self._is_right(ticket, row) for row in rows), ticket.status
            breaches = select(TicketEvent.ticket_id, TicketEvent.data).where(TicketEvent.type == EventType.BREACHED)
            counted = Counter((row.ticket_id, row.data["target"]) for row in await session.execute(breaches))
            assert all(count == 1 for count in counted.values())
            await self._look_at_book(session)
            await self._look_at_plans(session)

    @staticmethod
    def _is_right(ticket: Ticket, row: TicketClock) -> bool:
        """A promise runs exactly while it is open and nobody else is waited for."""
        is_running = row.since is not None
        should_run = row.met_at is None and ticket.status in (TicketStatus.NEW, TicketStatus.OPEN)
        is_watched = row.planned_at is None or not is_running or row.due_at == row.planned_at
        return is_running == should_run and is_watched

    @staticmethod
    async def _look_at_book(session: ReadSession) -> None:
        """Each change of status has one line in the book: they lead from new to where each ticket is, by the table."""
        book: dict[str, list[AuditEntry]] = defaultdict(list)
        for entry in await session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
            if "status" in entry.changes:
                book[entry.object].append(entry)
        for ticket in await session.scalars(select(Ticket)):
            status = TicketStatus.NEW
            for entry in book.pop(f"ticket:{ticket.number}", []):
                before, to = entry.changes["status"]
                assert before == status
                assert to == MOVES[Move(entry.action.removeprefix("tickets."))][status] != before
                status = TicketStatus(to)
            assert status is ticket.status
        assert not book

    @staticmethod
    async def _look_at_plans(session: ReadSession) -> None:
        """Each change of a date has one line in the book: they lead from none to what is watched."""
        plans: dict[str, str | None] = {}
        query = select(AuditEntry).where(AuditEntry.action == "tickets.plan").order_by(AuditEntry.id)
        for entry in await session.scalars(query):
            before, to = entry.changes["planned_at"]
            assert before == plans.get(entry.object) != to
            plans[entry.object] = to
        clocks = select(Ticket, TicketClock.planned_at).join(TicketClock, TicketClock.ticket_id == Ticket.id)
        for ticket, planned in await session.execute(clocks.where(TicketClock.target == Target.RESOLUTION)):
            assert plans.pop(f"ticket:{ticket.number}", None) == (planned.isoformat() if planned else None)
        assert not plans

    def teardown(self) -> None:
        if hasattr(self, "own"):
            self.own.close()


Life.TestCase.settings = settings(max_examples=8, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase

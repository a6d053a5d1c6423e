"""What the shop's people and its clock do to tickets in scripts, and what is seen of it."""

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import select

from conversations import grant_news, repository
from conversations.desk import ending
from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from core.money import parse_money
from customers.models import Order
from scheduler.jobs import JOBS, Shop
from staff.models import Agent
from staff.values import Actor, Role
from tests.support.doors import Door
from tests.support.policies import POLICIES
from tickets import desk, grants
from tickets import ending as tickets
from tickets.grants import Request
from tickets.models import TicketEvent
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.repository import get_ticket, lock_ticket
from tickets.values import EventType, GrantKind, GrantState

_LI = "Li"


class BackOffice:
    """Li is at work. Each act is one transaction."""

    def __init__(self, database: Database, clock: Clock, door: Door) -> None:
        self._database = database
        self._clock = clock
        self._door = door

    def acts(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {
            "resolve": self._resolve,
            "offer": self._offer,
            "issue": self._issue,
            "revoke": self._revoke,
            "take ticket": self._take,
            "ask back": self._ask_back,
            "reopen": self._reopen,
            "close": self._close,
            "withdraw ticket": self._withdraw,
            "clockwork": self._clockwork,
        }

    async def _resolve(self, words: str) -> None:
        number, _, text = words.partition(" ")
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            await ending.resolve(work, li, int(number), None, text or None, "packing")

    async def _offer(self, words: str) -> None:
        number, kind, amount, currency = words.split()
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            ticket = await get_ticket(session, int(number))
            asked = Request(
                kind=GrantKind(kind), money=parse_money(amount, currency), customer_id=ticket.customer_id,
                ticket=ticket, valid_days=180 if kind == "voucher" else None,
            )  # fmt: skip
            grant_id = (await grants.request(work, asked, li)).id
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            await grant_news.offer(work, grant_id, li)

    async def _issue(self, reference: str) -> None:
        async with self._database.write() as session:
            work, _li = await self._work_of_li(session)
            await grant_news.issue(work, (await self._grants(session))[-1].id, reference)

    async def _revoke(self, _words: str) -> None:
        async with self._database.write() as session:
            work, _li = await self._work_of_li(session)
            await grant_news.revoke(work, (await self._grants(session))[-1].id)

    async def _take(self, number: str) -> None:
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            await desk.take(work, int(number), li)

    async def _ask_back(self, number: str) -> None:
        async with self._database.write() as session:
            work, _li = await self._work_of_li(session)
            await desk.pend(work, await lock_ticket(session, int(number)))

    async def _reopen(self, number: str) -> None:
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            await ending.reopen(work, li, int(number))

    async def _close(self, number: str) -> None:
        await self._end(int(number), tickets.close)

    async def _withdraw(self, number: str) -> None:
        await self._end(int(number), tickets.withdraw)

    async def _end(self, number: int, how: ending.End) -> None:
        async with self._database.write() as session:
            work, li = await self._work_of_li(session)
            await ending.end(work, li, number, how)

    async def _clockwork(self, _words: str) -> None:
        for job in JOBS:
            await job.run(Shop(self._database, self._clock, POLICIES))

    async def _work_of_li(self, session: WriteSession) -> tuple[Work, Actor]:
        agent = (await session.scalars(select(Agent).where(Agent.name == _LI))).one()
        li = Actor(agent.id, agent.name, Role.SUPERVISOR, agent.alias)
        return await POLICIES.work(session, self._clock.now(), _LI), li

    # What is seen of it.

    async def has_given(self, words: str) -> None:
        async with self._database.read() as session:
            given = [f"{grant.kind.value} {grant.state.value}" for grant in await self._grants(session)]
        assert (" / ".join(given) or "nothing") == words, f"was given: {given}"

    async def newest_code(self) -> str:
        async with self._database.read() as session:
            found = await self._grants(session)
        issued = [one.id for one in found if one.kind is GrantKind.VOUCHER and one.state is GrantState.ISSUED]
        return POLICIES.codes.code(issued[-1])

    async def has_ticket(self, words: str) -> None:
        """`NUMBER status=open severity=high category=damaged order=A-1 files=2 said=WORDS`, or `noted=WORDS`."""
        number, *pairs = words.split(maxsplit=1)
        facts, _, said = (pairs[0] if pairs else "").partition("said=")
        facts, _, noted = facts.partition("noted=")
        async with self._database.read() as session:
            ticket = await get_ticket(session, int(number))
            order = await session.get(Order, ticket.order_id) if ticket.order_id else None
            query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
            events = list(await session.scalars(query))
        seen = {
            "status": ticket.status.value,
            "severity": ticket.severity.value,
            "category": ticket.category or "none",
            "resolution": ticket.resolution.value if ticket.resolution else "none",
            "order": order.external_id if order else "none",
            "files": str(sum(len(event.data.get("attachments", ())) for event in events)),
            "score": str(ticket.score),
        }
        for name, _, value in (pair.partition("=") for pair in facts.split()):
            assert seen[name] == value, f"{name} is {seen[name]}"
        if noted:
            notes = [event.text or "" for event in events if event.type is EventType.NOTED]
            assert any(noted in note for note in notes), f"was noted: {notes}"
        if said:
            assert any(said in (event.text or "") for event in events), f"{[event.text for event in events]}"

    async def _grants(self, session: ReadSession) -> list[Grant]:
        thread = await repository.find_thread(session, self._door.account, self._door.visitor)
        assert thread is not None, "nobody has written yet"
        query = select(Grant).where(Grant.customer_id == thread.conversation.customer_id)
        return list(await session.scalars(query.order_by(Grant.id)))

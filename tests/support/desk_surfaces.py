"""Ways in which people at the desk do things in scripts: each carries a deed in, and the code of a refusal out."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import httpx
from sqlalchemy import select

from conversations import corrections
from conversations.desk import ending, holding, speaking, undoing, waiting, writing
from conversations.models import Message
from conversations.values import Author
from core.clock import Clock
from core.database import Database
from core.errors import KefuError
from customers import blocking
from staff import availability
from staff import service as staff_service
from staff.values import Actor, Availability
from tests.support.policies import POLICIES
from tickets.models import Ticket
from tickets.policy import Work
from tickets.repository import get_ticket


class DeskSurface(Protocol):
    """`lacks` names deeds that it does not have."""

    lacks: frozenset[str]

    async def do(self, who: str, deed: str, number: int, words: str) -> str | None:
        """`who` does `deed` to the ticket. Returns the code of a refusal."""
        ...


class ApiDesk:
    """Over HTTP, each with a key of their own."""

    lacks = frozenset({"write", "undo"})

    def __init__(self, database: Database, clients: Mapping[str, httpx.AsyncClient]) -> None:
        self._database = database
        self._clients = clients

    async def do(self, who: str, deed: str, number: int, words: str) -> str | None:
        method, path, body = await self._request(deed, number, words)
        answer = await self._clients[who].request(method, f"/api/v1{path}", json=body)
        return None if answer.is_success else str(answer.json()["error"])

    async def _request(self, deed: str, number: int, words: str) -> tuple[str, str, dict[str, object] | None]:
        async with self._database.read() as session:
            ticket = await get_ticket(session, number)
            mended = await _find(self._database, words.partition(" -> ")[0]) if deed in ("edit", "unsend") else 0
        ticket_path = f"/tickets/{number}"
        rows: dict[str, tuple[str, str, dict[str, object] | None]] = {
            "reply": ("POST", f"{ticket_path}/reply", {"text": words}),
            "note": ("POST", f"{ticket_path}/note", {"text": words}),
            "remark": ("POST", f"{ticket_path}/note", {"text": words}),
            "assign": ("POST", f"{ticket_path}/assign", {"agent": words, "version": ticket.version}),
            "ask": ("POST", f"{ticket_path}/ask", {"agent": words}),
            "merge": ("POST", f"{ticket_path}/merge", {"into": int(words or 1), "version": ticket.version})
            if deed == "merge" else ("POST", ticket_path, None),
            "resolve": ("POST", f"{ticket_path}/resolve", {"version": ticket.version}),
            "edit": ("PATCH", f"/messages/{mended}", {"text": words.partition(" -> ")[2]}),
            "unsend": ("DELETE", f"/messages/{mended}", None),
            "away": ("PUT", "/staff/me/availability", {"state": "away"}),
            "online": ("PUT", "/staff/me/availability", {"state": "online"}),
            "block": ("POST", f"/customers/{ticket.customer_id}/block", {"reason": words or "-"}),
            "unblock": ("POST", f"/customers/{ticket.customer_id}/unblock", None),
        }  # fmt: skip
        return rows.get(deed, ("POST", f"{ticket_path}/{deed}", None))


async def _undo(work: Work, actor: Actor, number: int, _words: str) -> None:
    held = await undoing.find_last(work.session, actor, number)
    await undoing.undo(work, actor, held.id if held else 0)


async def _assign(work: Work, actor: Actor, number: int, words: str) -> None:
    to = await staff_service.get_agent(work.session, words)
    await holding.assign(work, actor, number, None, to, None)


_DEEDS: Mapping[str, Callable[[Work, Actor, int, str], Awaitable[object]]] = {
    "take": lambda work, actor, number, _words: holding.take(work, actor, number),
    "reply": speaking.reply,
    "write": writing.write,
    "undo": _undo,
    "note": speaking.note,
    "remark": speaking.note,
    "assign": _assign,
    "ask": holding.ask,
    "escalate": holding.escalate,
    "hand-back": lambda work, actor, number, _words: holding.hand_back(work, actor, number),
    "pending": lambda work, actor, number, _words: waiting.pend(work, actor, number),
    "merge": lambda work, actor, number, words: ending.merge(work, actor, number, int(words), None),
    "resolve": lambda work, actor, number, _words: ending.resolve(work, actor, number, None),
}


class ServiceDesk:
    """Straight to the desk's service, as the group and the pages call it: words wait for ten seconds."""

    lacks: frozenset[str] = frozenset()

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def do(self, who: str, deed: str, number: int, words: str) -> str | None:
        try:
            async with self._database.write() as session:
                actor = staff_service.as_actor(await staff_service.get_agent(session, who))
                work = await POLICIES.work(session, self._clock.now(), who)
                await self._do(work, actor, deed, await get_ticket(session, number), words)
        except KefuError as refused:
            return refused.code
        return None

    async def _do(self, work: Work, actor: Actor, deed: str, ticket: Ticket, words: str) -> None:
        if deed in _DEEDS:
            await _DEEDS[deed](work, actor, ticket.number, words)
        else:
            await self._do_beside(work, actor, deed, ticket, words)

    async def _do_beside(self, work: Work, actor: Actor, deed: str, ticket: Ticket, words: str) -> None:
        session, now = work.session, work.now
        old, _, new = words.partition(" -> ")
        if deed == "edit":
            await corrections.mend(work, await _find(self._database, old), actor, new)
        elif deed == "unsend":
            await corrections.take_back(work, await _find(self._database, old), actor)
        elif deed == "block":
            await blocking.block(session, ticket.customer_id, words, None, by=actor.name, now=now)
        elif deed == "unblock":
            await blocking.unblock(session, ticket.customer_id, by=actor.name, now=now)
        else:
            state = Availability(deed)
            await availability.set_state(session, actor.name, state, None, by=actor.name, now=now)


async def _find(database: Database, text: str) -> int:
    """The newest message of an agent with these words."""
    async with database.read() as session:
        query = select(Message.id).where(Message.author == Author.AGENT, Message.text == text)
        return await session.scalar(query.order_by(Message.id.desc()).limit(1)) or 0

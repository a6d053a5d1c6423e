"""The plain pages as a surface of the desk in scripts: each deed is a form that somebody sends from their browser."""

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx
from sqlalchemy import select

from conversations.desk.undoing import UNDO_WITHIN
from conversations.held_replies import HeldReplies
from conversations.models import Message
from conversations.values import Author
from core.database import Database
from tests.support.clock import FakeClock
from tests.support.policies import POLICIES
from tickets.repository import get_ticket

_CODE = re.compile(r'data-code="([a-z_]+)"')
_A_MOMENT = timedelta(seconds=1)


class PageDesk:
    """Words that are sent from a page wait for ten seconds; a script that says `reply` wants them said."""

    lacks = frozenset({"write", "undo"})

    def __init__(self, database: Database, clock: FakeClock, browsers: Mapping[str, httpx.AsyncClient]) -> None:
        self._database = database
        self._clock = clock
        self._browsers = browsers

    async def do(self, who: str, deed: str, number: int, words: str) -> str | None:
        address, form = await self._form(deed, number, words)
        answer = await self._browsers[who].post(f"/admin{address}", data=form)
        if answer.status_code != 303:
            found = _CODE.search(answer.text)
            return found[1] if found else f"status {answer.status_code}"
        if deed == "reply":
            self._clock.advance((UNDO_WITHIN + _A_MOMENT).total_seconds())
            await HeldReplies(self._database, self._clock, POLICIES)._round()
        return None

    async def _form(self, deed: str, number: int, words: str) -> tuple[str, dict[str, str]]:
        async with self._database.read() as session:
            ticket = await get_ticket(session, number)
            old, _, new = words.partition(" -> ")
            query = select(Message.id).where(Message.author == Author.AGENT, Message.text == old)
            said = await session.scalar(query.order_by(Message.id.desc()).limit(1)) or 1
        case, version = f"/cases/{number}", str(ticket.version)
        rows = {
            "remark": (f"{case}/note", {"text": words}),
            "assign": (f"{case}/assign", {"colleague": words, "version": version}),
            "ask": (f"{case}/ask", {"colleague": words}),
            "merge": (f"{case}/merge", {"into": words, "version": version}),
            "resolve": (f"{case}/resolve", {"version": version}),
            "edit": (f"/messages/{said}/mend", {"text": new, "case": str(number)}),
            "unsend": (f"/messages/{said}/take-back", {"case": str(number)}),
            "away": ("/me/availability", {"state": "away"}),
            "online": ("/me/availability", {"state": "online"}),
            "block": (f"/customers/{ticket.customer_id}/block", {"reason": words or "-", "case": str(number)}),
            "unblock": (f"/customers/{ticket.customer_id}/unblock", {"case": str(number)}),
        }
        return rows.get(deed, (f"{case}/{deed}", {"text": words}))

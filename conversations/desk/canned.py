"""Ready-made replies with placeholders, one text a language. Nothing here commits.

`{customer}` is how they like to be addressed, `{agent}` the alias, `{number}` the case, `{order}` its order; the shop's
facts stand as in every text: `{shop} {operator} {address} {hours} {privacy_url}`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from conversations.desk_models import CannedReply
from core.database import ReadSession, WriteSession
from core.errors import InvalidInput, NotFound
from core.shop_facts import SLOTS, ShopFacts, slot_values
from customers.models import Customer, Order
from staff import audit
from staff.values import Actor
from tickets.models import Ticket

_SLOT = re.compile(r"\{([^{}]*)\}")
_OWN_SLOTS = frozenset({"customer", "agent", "number", "order"})
_NAME = re.compile(r"[^\s:/]{1,60}")


class CannedNotFound(NotFound):
    code = "canned_reply_not_found"


@dataclass(frozen=True, slots=True)
class CannedText:
    """A ready-made reply as it is saved; at least one language."""

    zh: str | None = None
    en: str | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A ready-made reply for one case, to be looked at before it is sent. `missing`: placeholders without a value."""

    name: str
    text: str
    language: str
    missing: tuple[str, ...] = ()


async def save(session: WriteSession, name: str, text: CannedText, *, by: str, now: datetime) -> CannedReply:
    """Makes or changes one.

    Raises:
        InvalidInput: an unusable name, no text, or a placeholder that does not exist.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput("a name has 1 to 60 characters without spaces, : and /", {"name": "is unusable"})
    _check(text)
    reply = await session.get(CannedReply, name, with_for_update=True)
    if reply is None:
        reply = CannedReply(name=name)
        session.add(reply)
    reply.zh, reply.en, reply.tags = text.zh, text.en, list(text.tags)
    reply.updated_by, reply.updated_at = by, now
    audit.record(session, actor=by, action="canned.save", object=f"canned:{name}", now=now)
    await session.flush()
    return reply


def _check(text: CannedText) -> None:
    given = {language: words for language, words in (("zh", text.zh), ("en", text.en)) if words is not None}
    if not any(words.strip() for words in given.values()):
        raise InvalidInput("a ready-made reply needs its text", {"text": "is empty"})
    known = _OWN_SLOTS | SLOTS
    faults = {
        f"text.{language}": f"{{{slot}}} is unknown; known: {', '.join(sorted(known))}"
        for language, words in given.items()
        for slot in _SLOT.findall(words)
        if slot not in known
    }
    if faults:
        raise InvalidInput("; ".join(faults.values()), faults)


async def remove(session: WriteSession, name: str, *, by: str, now: datetime) -> None:
    """Raises CannedNotFound."""
    reply = await get(session, name)
    await session.delete(reply)
    audit.record(session, actor=by, action="canned.remove", object=f"canned:{name}", now=now)


async def get(session: ReadSession, name: str) -> CannedReply:
    """Raises CannedNotFound."""
    reply = await session.get(CannedReply, name)
    if reply is None:
        raise CannedNotFound(f"there is no ready-made reply {name!r}")
    return reply


async def list_all(session: ReadSession) -> list[CannedReply]:
    return list(await session.scalars(select(CannedReply).order_by(CannedReply.name)))


async def find(session: ReadSession, words: str, limit: int = 5) -> list[CannedReply]:
    """Those that are called so, first; then those that say so."""
    said = words.strip()
    is_called = CannedReply.name.istartswith(said, autoescape=True)
    says = or_(CannedReply.zh.icontains(said, autoescape=True), CannedReply.en.icontains(said, autoescape=True))
    query = select(CannedReply).where(or_(is_called, says)).order_by((~is_called), CannedReply.name).limit(limit)
    found = list(await session.scalars(query))
    tagged = [one for one in await list_all(session) if said in one.tags and one not in found]
    return [*found, *tagged][:limit]


async def fill(
    session: ReadSession, reply: CannedReply, ticket: Ticket, actor: Actor, shop: ShopFacts, language: str
) -> Filled:
    """The reply for a case, in the customer's language, or in the other one when it has only that."""
    text = (reply.zh if language == "zh" else reply.en) or reply.zh or reply.en or ""
    used = language if (reply.zh if language == "zh" else reply.en) else "zh" if reply.zh else "en"
    values = await _values(session, ticket, actor, shop, used)
    slots = dict.fromkeys(_SLOT.findall(text))
    missing = tuple(slot for slot in slots if not values.get(slot))
    return Filled(reply.name, _SLOT.sub(lambda match: values.get(match[1]) or match[0], text), used, missing)


async def _values(
    session: ReadSession, ticket: Ticket, actor: Actor, shop: ShopFacts, language: str
) -> Mapping[str, str | None]:
    customer = await session.get_one(Customer, ticket.customer_id)
    order = await session.get(Order, ticket.order_id) if ticket.order_id else None
    return {
        "customer": customer.form_of_address or customer.name,
        "agent": actor.alias or actor.name,
        "number": str(ticket.number),
        "order": order.external_id if order else None,
        **slot_values(shop, language),
    }

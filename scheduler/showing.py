"""Follow-ups with their words, as people look at them: those of a preview and those that are written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from conversations.contact_facts import name_for
from conversations.contact_rules import CONTACT, ContactRules, Reason
from conversations.follow_up_words import compose
from conversations.language import from_client
from conversations.models import Delivery, Message
from conversations.texts import Texts
from conversations.values import Language
from core.database import ReadSession
from core.rulebook import Edition
from customers.models import Customer
from scheduler.drafting import Drafting, read_drafting
from scheduler.models import FollowUp
from scheduler.planner import Office
from scheduler.preview import Row
from scheduler.programme_rules import Programme, ProgrammeRules
from scheduler.values import FollowUpKind, FollowUpState

#: What is going out, went out, or may yet.
_SENDS = (
    FollowUpState.PLANNED,
    FollowUpState.SENDING,
    FollowUpState.SENT,
    FollowUpState.ANSWERED,
    FollowUpState.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One follow-up as scripts and people read it. `id` None: it is not written down yet."""

    id: int | None
    programme: str
    occasion: str
    kind: FollowUpKind
    customer: Customer | None
    due_at: datetime
    due_local: datetime
    expires_at: datetime
    channel: str | None
    text: str
    is_sent: bool
    because: str
    because_values: dict[str, str]
    because_text: str
    rule: str
    state: FollowUpState


async def show_preview(
    session: ReadSession, office: Office, rows: Sequence[Row], contact: ContactRules, now: datetime
) -> list[Shown]:
    """In the order of `rows`."""
    shown: dict[int, Shown] = {}
    for programme in {row.programme.id: row.programme for row in rows}.values():
        theirs = [(place, row) for place, row in enumerate(rows) if row.programme.id == programme.id]
        drafting = await read_drafting(session, office, programme, theirs[0][1].rule, [_draftable(*p) for p in theirs])
        for place, row in theirs:
            shown[place] = _of_preview(place, row, drafting, office, contact, now)
    return [shown[place] for place in range(len(rows))]


def _draftable(place: int, row: Row) -> FollowUp:
    """Never written: what a draft is made from, known by its place in the list."""
    return FollowUp(
        id=place,
        programme=row.programme.id,
        step=row.step,
        customer_id=row.customer_id,
        occasion=row.occasion,
        order_id=row.order_id,
        ticket_id=row.ticket_id,
        facts=row.facts,
    )


def _of_preview(
    place: int, row: Row, drafting: Drafting, office: Office, contact: ContactRules, now: datetime
) -> Shown:
    draftable = _draftable(place, row)
    customer = drafting.customers.get(row.customer_id)
    return Shown(
        id=None,
        programme=row.programme.id,
        occasion=row.occasion,
        kind=row.kind,
        customer=customer,
        due_at=row.due_at,
        due_local=row.due_at.astimezone(_zone(customer, office)),
        expires_at=row.expires_at,
        channel=_channel(draftable, drafting, now),
        text=_words(draftable, drafting, office),
        is_sent=row.is_sent,
        because=row.because.value,
        because_values=row.values,
        because_text=_reason_text(row.because.value, row.values, contact, row.programme, office),
        rule=row.rule if row.is_sent else row.decided_by,
        state=FollowUpState.PLANNED if row.is_sent else FollowUpState.SKIPPED,
    )


async def show_follow_ups(session: ReadSession, office: Office, rows: Sequence[FollowUp], now: datetime) -> list[Shown]:
    """In the order of `rows`. What was said stands as it was said; the rest in the words of the rules that hold."""
    edition = await office.programmes(session)
    contact = (await office.rulebook.current(session, CONTACT)).rules
    draftings = await _draftings(session, office, edition, rows)
    said = await _said(session, rows)
    people = await session.scalars(select(Customer).where(Customer.id.in_([row.customer_id for row in rows])))
    customers = {one.id: one for one in people}
    return [
        _written(row, customers.get(row.customer_id), draftings.get(row.programme), said, office, contact, now)
        for row in rows
    ]


async def _draftings(
    session: ReadSession, office: Office, edition: Edition[ProgrammeRules], rows: Sequence[FollowUp]
) -> dict[str, Drafting]:
    found = {}
    for name in {row.programme for row in rows}:
        programme = edition.rules.find(name)
        if programme is not None:
            theirs = [row for row in rows if row.programme == name]
            found[name] = await read_drafting(session, office, programme, edition.name_of(name), theirs)
    return found


async def _said(session: ReadSession, rows: Sequence[FollowUp]) -> dict[int, tuple[str, str | None]]:
    """By follow-up: the channel it went to, and what was said there."""
    query = (
        select(FollowUp.id, Delivery.account, Message.text)
        .join(Delivery, Delivery.id == FollowUp.delivery_id)
        .join(Message, Message.id == Delivery.message_id, isouter=True)
        .where(FollowUp.id.in_([row.id for row in rows]))
    )
    return {row.id: (row.account.partition(":")[0], row.text) for row in await session.execute(query)}


def _written(
    row: FollowUp,
    customer: Customer | None,
    drafting: Drafting | None,
    said: dict[int, tuple[str, str | None]],
    office: Office,
    contact: ContactRules,
    now: datetime,
) -> Shown:
    channel, words = said.get(row.id, (None, None))
    has_step = drafting is not None and row.step <= len(drafting.programme.step)
    because = row.because or Reason.DUE.value
    values = {name: str(value) for name, value in row.values.items()}
    programme = drafting.programme if drafting else None
    return Shown(
        id=row.id,
        programme=row.programme,
        occasion=row.occasion,
        kind=row.kind,
        customer=customer,
        due_at=row.due_at,
        due_local=row.due_at.astimezone(_zone(customer, office)),
        expires_at=row.expires_at,
        channel=channel or (_channel(row, drafting, now) if drafting else None),
        text=words or (_words(row, drafting, office) if drafting and has_step else ""),
        is_sent=row.state in _SENDS,
        because=because,
        because_values=values,
        because_text=_reason_text(because, values, contact, programme, office),
        rule=row.rule,
        state=row.state,
    )


def _zone(customer: Customer | None, office: Office) -> ZoneInfo:
    return office.zone_of(customer.timezone if customer else None)


def _channel(row: FollowUp, drafting: Drafting, now: datetime) -> str | None:
    address = drafting.address(row, now)
    return address.account.partition(":")[0] if address else None


def _words(row: FollowUp, drafting: Drafting, office: Office) -> str:
    if drafting.is_call(row):
        return drafting.task_text(row)
    customer = drafting.customers.get(row.customer_id)
    language = from_client(customer.language if customer else None) or Language(office.language)
    voice = Texts.shipped().voice(language, drafting.shop)
    return compose(drafting.payload(row), voice, name_for(customer, language) if customer else "")


def _reason_text(
    because: str, values: dict[str, str], contact: ContactRules, programme: Programme | None, office: Office
) -> str:
    """What is due says why by its programme; a cause of its own is told by that."""
    if because == Reason.DUE.value and programme is not None:
        return programme.because.text(office.staff_language)
    key: Any = because if because in set(Reason) else Reason.EXPIRED
    cause = contact.causes.get(values.get("cause", ""))
    return (cause or contact.reasons[Reason(key)]).text(office.staff_language, values)

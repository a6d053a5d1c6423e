"""A programme that makes people say "stop" pauses itself. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from conversations.contact_rules import CONTACT, Stops
from core.columns import UtcDateTime
from core.database import ReadSession, WriteSession
from customers.models import Consent
from scheduler import programmes
from scheduler.models import FollowUp, ProgrammeState
from scheduler.planner import Office
from scheduler.values import FollowUpKind, FollowUpState

#: Why a programme paused by itself.
STOPPED = "stops"
#: A "stop" within this long after a follow-up is put down to it.
AFTER = timedelta(days=2)
_ARRIVED = (FollowUpState.SENT, FollowUpState.ANSWERED, FollowUpState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Of the `sent` follow-ups of a programme, how many were followed by a "stop"."""

    sent: int
    stopped: int

    def is_over(self, rules: Stops) -> bool:
        return self.stopped >= rules.least and self.stopped > rules.share * self.sent


async def count_stops(session: ReadSession, programme: str, since: datetime) -> Stopped:
    sent = (FollowUp.programme == programme) & (FollowUp.sent_at >= since) & FollowUp.state.in_(_ARRIVED)
    messages = sent & (FollowUp.kind != FollowUpKind.TASK)
    total = await session.scalar(select(func.count()).select_from(FollowUp).where(messages))
    said_no = Consent.given.is_(False) & Consent.by_customer & (Consent.recorded_at >= FollowUp.sent_at)
    stops = (
        select(FollowUp.sent_at, func.min(Consent.recorded_at, type_=UtcDateTime()))
        .join(Consent, (Consent.customer_id == FollowUp.customer_id) & said_no)
        .where(messages)
        .group_by(FollowUp.id, FollowUp.sent_at)
    )
    found = (await session.execute(stops)).all()
    within = sum(sent_at is not None and stopped_at - sent_at <= AFTER for sent_at, stopped_at in found)
    return Stopped(total or 0, within)


async def pause_unwelcome(session: WriteSession, office: Office, now: datetime) -> int:
    """Pauses the programmes of which too many customers have had enough; how many."""
    rules = (await office.rulebook.current(session, CONTACT)).rules.stops
    known = {one.id for one in (await office.programmes(session)).rules.programme}
    states = list(await session.scalars(select(ProgrammeState).where(ProgrammeState.enabled)))
    paused = 0
    for state in states:
        since = max(now - timedelta(days=rules.days), state.since or now)
        if state.id in known and (await count_stops(session, state.id, since)).is_over(rules):
            await programmes.pause(session, office, state.id, by="scheduler", now=now, because=STOPPED)
            paused += 1
    return paused

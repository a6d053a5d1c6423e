"""What goes out to push channels: claimed, committed, sent, committed. One process sends for an account at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import structlog
from sqlalchemy import Row

from conversations import leases, outbox_rows
from conversations.deliveries import (
    BLOCKED,
    DEFAULT_PRIORITY,
    REPLY_PRIORITY,
    UNREACHABLE,
    DeliveryDraft,
    Gate,
    NotWritten,
    NotYet,
    Outcome,
    Refused,
    RetryAt,
    Sender,
    SendJob,
    Sent,
    Unknown,
)
from conversations.models import Delivery
from conversations.rounds import Every, RoundLoop
from conversations.sending import Caller, OutboxPace
from conversations.settlement import Settlement, settle
from conversations.values import DeliveryKind, DeliveryState
from core import signals
from core.clock import Clock
from core.database import Database, WriteSession, upsert_ignore
from core.signals import Signal

log = structlog.get_logger(__name__)

__all__ = [
    "BLOCKED",
    "DEFAULT_PRIORITY",
    "REPLY_PRIORITY",
    "DeliveryDraft",
    "NotWritten",
    "NotYet",
    "OutboxLoop",
    "OutboxPace",
    "Outcome",
    "Refused",
    "RetryAt",
    "SendJob",
    "Sender",
    "Sent",
    "Unknown",
    "enqueue",
]


#: How often, at most, this process looks for what is due on pull channels.
_PULL_SECONDS = 1.0
#: The key under which a new follow-up is signalled.
_FOLLOW_UP = "follow_up"
_INSERT = {name: upsert_ignore(Delivery.__table__, name) for name in ("sqlite", "postgresql")}


async def enqueue(session: WriteSession, *drafts: DeliveryDraft) -> None:
    """Puts deliveries into the outbox, to leave after the commit, in this order. A known `dedupe_key` is left alone."""
    if not drafts:
        return
    rows = [_row(draft) for draft in drafts]
    await session.execute(_INSERT[session.get_bind().dialect.name], rows)
    session.signal(signals.OUTBOX)
    if any(draft.kind is DeliveryKind.FOLLOW_UP for draft in drafts):
        session.signal(signals.OUTBOX, _FOLLOW_UP)


def _row(draft: DeliveryDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in DeliveryDraft.__slots__}


def sending_lease(account: str) -> str:
    """The lease that whoever sends for `account` must have."""
    return f"sender:{account}"


class OutboxLoop(RoundLoop):
    """Sends what is due for the accounts whose sending lease this process has. One instance a process.

    `senders` are by account. `worker_id` belongs to this start of the process alone (`leases.new_worker_id`).
    `admission` is asked about what goes out unasked; without one everything goes out, and nothing on pull channels.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        senders: Mapping[str, Sender],
        worker_id: str,
        calls_at_once: int = 16,
        pace: OutboxPace | None = None,
        admission: Gate | None = None,
    ) -> None:
        self._admission = admission
        self._pulls = Every(_PULL_SECONDS)
        self._pace = pace or OutboxPace()
        super().__init__(database, clock, signals.OUTBOX, self._pace.tick)
        self._caller = Caller(clock, senders, self._pace)
        self._accounts = sorted(senders)
        self._worker_id = worker_id
        self._claims = (f"{worker_id}.{number}" for number in count(1))
        self._calls_at_once = calls_at_once
        self._in_flight = 0
        self._unsettled: set[int] = set()
        self._answered: list[tuple[SendJob, Outcome, datetime]] = []
        self._held: dict[str, leases.HeldLease] = {}
        self._upkeep = Every(self._pace.account_lease / 3)

    async def _round(self) -> None:
        now = self._clock.now()
        answered = tuple(self._answered)
        async with self._database.write() as session:
            await self._settle(session, answered, now)
            if self._upkeep.is_due(now):
                await self._keep_up(session, now)
            rows = await self._claim(session, now) if self._may_claim(now) else []
            jobs = await self._admit(session, rows, now)
            pulled = await self._deliver_pulled(session, now) if self._may_pull(now) else 0
        del self._answered[: len(answered)]
        self._unsettled -= {job.id for job, _, _ in answered}
        for job in jobs:
            self._in_flight += 1
            self._unsettled.add(job.id)
            self._start(self._call(job, self._lease_end(now)))
        if pulled or len(jobs) < len(rows):
            self._wake_up()

    async def _admit(self, session: WriteSession, rows: list[Row[Any]], now: datetime) -> list[SendJob]:
        """Those of the claimed rows that are to be sent."""
        jobs = [_job(row) for row in rows if row.state is DeliveryState.SENDING]
        return jobs if self._admission is None else await self._admission.admit(session, jobs, now)

    async def _deliver_pulled(self, session: WriteSession, now: datetime) -> int:
        """Says what is due on channels that are read from a cursor; how many were looked at."""
        rows = await outbox_rows.claim_pulled(session, next(self._claims), self._calls_at_once, now)
        await self._admit(session, list(rows), now)
        if not rows:
            self._pulls.done(now)
        return len(rows)

    def _may_pull(self, now: datetime) -> bool:
        return self._admission is not None and not self._stopping and self._pulls.is_due(now)

    async def _call(self, job: SendJob, lease_until: datetime) -> None:
        try:
            outcome = await self._caller.call(job, lease_until)
        finally:
            self._in_flight -= 1
        self._answered.append((job, outcome, lease_until))
        self._wake_up()

    async def _settle(
        self, session: WriteSession, answered: tuple[tuple[SendJob, Outcome, datetime], ...], now: datetime
    ) -> None:
        settled = [(job, outcome, settle(job, outcome, now, until)) for job, outcome, until in answered]
        await outbox_rows.settle_all(session, [(job.id, job.claim, to) for job, _, to in settled])
        for job, outcome, to in settled:
            await self._heed(session, job, outcome, to)

    async def _heed(self, session: WriteSession, job: SendJob, outcome: Outcome, to: Settlement) -> None:
        """What an outcome means beyond its own delivery."""
        if isinstance(outcome, RetryAt):
            await outbox_rows.pause(session, job.account, outcome.instant)
            self._wake_up_at(outcome.instant)
        elif to.retry_at:
            self._wake_up_at(to.retry_at)
        elif to.because in UNREACHABLE and job.conversation_id:
            await outbox_rows.mark_unreachable(session, job.conversation_id, to.because)
        if not isinstance(outcome, Sent | NotYet):
            log.info("outbox.not_sent", delivery_id=job.id, outcome=repr(outcome), state=to.state.value)

    async def _keep_up(self, session: WriteSession, now: datetime) -> None:
        """Renews or takes the sending leases, and deals with what dead senders left.

        What this one has in hand is not left: after a standstill its calls still tell what became of them.
        """
        for account in self._accounts:
            lease = await leases.acquire(
                session, sending_lease(account), self._worker_id, now, self._pace.account_lease
            )
            if lease is None:
                self._held.pop(account, None)
            else:
                self._held[account] = lease
        if freed := await outbox_rows.free_abandoned(session, now, self._unsettled):
            log.warning("outbox.abandoned", deliveries=freed)
        self._upkeep.done(now)

    def _may_claim(self, now: datetime) -> bool:
        has_lease = any(now < lease.until for lease in self._held.values())
        return has_lease and not self._stopping and self._in_flight < self._calls_at_once

    async def _claim(self, session: WriteSession, now: datetime) -> list[Row[Any]]:
        free = self._calls_at_once - self._in_flight
        rows = await outbox_rows.claim_heads(
            session, next(self._claims), self._worker_id, free, now, self._lease_end(now)
        )
        return list(rows)

    def _lease_end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._pace.lease)

    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        now = self._clock.now()
        if any(signal.key == _FOLLOW_UP for signal in signals):
            self._pulls.hasten()
        return bool(self._answered) or self._may_claim(now) or self._may_pull(now) or self._upkeep.is_due(now)

    async def _close(self) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            await self._settle(session, tuple(self._answered), now)
            for account in self._accounts:
                await leases.release(session, sending_lease(account), self._worker_id, now)
            session.signal(signals.OUTBOX)


def _job(row: Row[Any]) -> SendJob:
    values = row._asdict()
    return SendJob(**{name: values[name] for name in SendJob.__slots__})

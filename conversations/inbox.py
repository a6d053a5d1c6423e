"""What comes in: stored once and committed before anybody confirms it, then handled lane by lane, in order.

A lane (one chat of one account) has one worker at a time among all processes. An event is done in the transaction of
its effects; when a worker dies its lease runs out and the event is handled again, so that effects happen once.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import structlog
from sqlalchemy import select

from conversations import inbox_rows
from conversations.batches import Batch, Decoder, Handler, Item, LostClaim, StoredEvent, Undecodable
from conversations.lane_work import InboxPace, LaneWork, LaneWorker
from conversations.models import InboxEvent
from conversations.rounds import Every, RoundLoop
from conversations.values import InboxState
from core import signals
from core.clock import Clock
from core.database import Database, WriteSession, upsert_ignore
from core.signals import Signal

log = structlog.get_logger(__name__)

__all__ = [
    "Batch",
    "Decoder",
    "Handler",
    "InboxLoop",
    "InboxPace",
    "Item",
    "LostClaim",
    "Received",
    "StoredEvent",
    "Undecodable",
    "receive",
]


_TABLE = InboxEvent.__table__
_INSERT = {name: upsert_ignore(_TABLE, name).returning(_TABLE.c.id) for name in ("sqlite", "postgresql")}


@dataclass(frozen=True, slots=True)
class Received:
    """An event's row. Not new: it came before; `same_body` says whether with the same fingerprint."""

    id: int
    is_new: bool
    state: InboxState
    batch_id: int | None
    same_body: bool


async def receive(
    session: WriteSession,
    *,
    account: str,
    external_id: str,
    lane: str,
    raw: dict[str, Any],
    now: datetime,
    fingerprint: str | None = None,
    due_at: datetime | None = None,
) -> Received:
    """Stores an event of a known account unless (account, external_id) is known too. Confirm it only after the commit.

    `fingerprint` tells a repetition from another message under a used id. `due_at` (default: now) lets what belongs to
    it arrive first: the lane waits until then.
    """
    values = {
        "account": account,
        "external_id": external_id,
        "lane": lane,
        "raw": raw,
        "fingerprint": fingerprint,
        "due_at": due_at or now,
        "received_at": now,
    }
    insert = _INSERT[session.get_bind().dialect.name]
    new_id = (await session.execute(insert, values)).scalar_one_or_none()
    if new_id is None:
        return await _known(session, account, external_id, fingerprint)
    session.signal(signals.INBOX, lane_key(account, lane))
    return Received(new_id, True, InboxState.PENDING, None, True)


async def _known(session: WriteSession, account: str, external_id: str, fingerprint: str | None) -> Received:
    columns = (InboxEvent.id, InboxEvent.state, InboxEvent.batch_id, InboxEvent.fingerprint)
    query = select(*columns).where(InboxEvent.account == account, InboxEvent.external_id == external_id)
    row = (await session.execute(query)).one()
    return Received(row.id, False, row.state, row.batch_id, row.fingerprint == fingerprint)


def lane_key(account: str, lane: str) -> str:
    """What a lane is called in signals."""
    return f"{account} {lane}"


class InboxLoop(RoundLoop):
    """Claims lanes with waiting events and has each worked on. One instance a process.

    `decoders` are by channel, the word before the colon in an account's name. `worker_id` belongs to this start of the
    process alone (`conversations.leases.new_worker_id`).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        decoders: Mapping[str, Decoder],
        handler: Handler,
        worker_id: str,
        lanes_at_once: int = 8,
        pace: InboxPace | None = None,
    ) -> None:
        self._pace = pace or InboxPace()
        super().__init__(database, clock, signals.INBOX, self._pace.tick)
        self._worker = LaneWorker(database, clock, decoders, handler, self._pace)
        self._claims = (f"{worker_id}.{number}" for number in count(1))
        self._lanes_at_once = lanes_at_once
        self._busy: dict[str, LaneWork] = {}
        self._look_again: set[str] = set()
        self._has_more = False
        self._upkeep = Every(self._pace.lease / 3)

    async def _round(self) -> None:
        free = self._lanes_at_once - len(self._busy)
        now = self._clock.now()
        async with self._database.write() as session:
            if self._upkeep.is_due(now):
                await self._keep_up(session, now)
            lanes = await self._claim(session, free, now) if free else {}
        self._has_more = len(lanes) == free
        for lane, work in lanes.items():
            self._busy[lane] = work
            self._start(self._work_on(lane, work))

    async def _claim(self, session: WriteSession, free: int, now: datetime) -> dict[str, LaneWork]:
        claim = next(self._claims)
        lanes: dict[str, list[StoredEvent]] = defaultdict(list)
        for row in await inbox_rows.claim_lanes(session, claim, free, now, self._lease_end(now)):
            lanes[lane_key(row.account, row.lane)].append(StoredEvent(**row._mapping))
        return {lane: LaneWork(claim, now, tuple(events)) for lane, events in lanes.items()}

    async def _keep_up(self, session: WriteSession, now: datetime) -> None:
        """Renews the leases of what takes long, and gives back what dead workers left."""
        lasting = [work for work in self._busy.values() if now - work.since >= self._upkeep.pause]
        if lasting:
            ids = sorted(event_id for work in lasting for event_id in work.ids)
            claims = sorted({work.claim for work in lasting})
            await inbox_rows.renew(session, claims, ids, self._lease_end(now))
        if freed := await inbox_rows.free_abandoned(session, now):
            log.warning("inbox.abandoned", events=freed)
        self._upkeep.done(now)

    def _lease_end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._pace.lease)

    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        for_all = any(signal.key is None for signal in signals)
        about_busy = set(self._busy) if for_all else {signal.key for signal in signals if signal.key} & set(self._busy)
        self._look_again |= about_busy
        if self._upkeep.is_due(self._clock.now()):
            return True
        if len(self._busy) >= self._lanes_at_once:
            self._has_more = True
            return False
        return for_all or len(about_busy) < len(signals) or not signals

    async def _work_on(self, lane: str, work: LaneWork) -> None:
        try:
            delay = await self._worker.do(work)
        finally:
            # Once its work was committed the lane could be claimed again, before that commit was heard of here.
            if self._busy.get(lane) is work:
                del self._busy[lane]
        if delay is not None:
            self._wake_up_at(self._clock.now() + timedelta(seconds=delay))
        if self._has_more or lane in self._look_again or work.may_leave_some:
            self._look_again.discard(lane)
            self._wake_up()

"""The work on one lane: its claimed events are decoded, handled, and put back or parked when that fails."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from conversations import inbox_rows
from conversations.batches import Batch, Decoder, Handler, Item, LostClaim, StoredEvent
from core.clock import Clock
from core.database import Database

log = structlog.get_logger(__name__)

_LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class InboxPace:
    """How the inbox takes its time, in seconds. A failed event is tried again after each of `retries`, then parked."""

    tick: float = 1.0
    lease: float = 10.0
    handler: float = 60.0
    retries: tuple[float, ...] = (0.2, 1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class LaneWork:
    """The events of one lane that were claimed together at `since`, oldest first; at least one."""

    claim: str
    since: datetime
    events: tuple[StoredEvent, ...]

    @property
    def account(self) -> str:
        return self.events[0].account

    @property
    def lane(self) -> str:
        return self.events[0].lane

    @property
    def ids(self) -> list[int]:
        return [event.id for event in self.events]

    @property
    def may_leave_some(self) -> bool:
        """Whether events of the lane may wait that the claim left there (see `inbox_rows.claim_statement`)."""
        return len(self.events) >= inbox_rows.BATCH_SIZE or self.events[0].attempt > 1


class LaneWorker:
    """Gives the events of a lane to the handler. Nothing that a handler or a decoder raises gets past it."""

    def __init__(
        self, database: Database, clock: Clock, decoders: Mapping[str, Decoder], handler: Handler, pace: InboxPace
    ) -> None:
        self._database = database
        self._clock = clock
        self._decoders = decoders
        self._handler = handler
        self._pace = pace

    async def do(self, work: LaneWork) -> float | None:
        """Handles the events. Returns after how many seconds to try again, when that failed."""
        try:
            if items := await self._decode_all(work):
                async with asyncio.timeout(self._pace.handler):
                    await self._handler(Batch(work.account, work.lane, items, work.claim))
        except LostClaim:
            log.info("inbox.lost_claim", event_ids=work.ids)
        except Exception as error:
            log.exception("inbox.failed", event_ids=work.ids)
            return await self._put_back(work, error)
        return None

    async def _decode_all(self, work: LaneWork) -> tuple[Item, ...]:
        items = [(event, self._decode(event)) for event in work.events]
        for event, found in items:
            if isinstance(found, Exception):
                await self._park(work, event, found)
        return tuple(found for _, found in items if isinstance(found, Item))

    def _decode(self, stored: StoredEvent) -> Item | Exception:
        channel = stored.account.partition(":")[0]
        try:
            event = self._decoders[channel](stored)
        except Exception as error:  # whatever a decoder stumbles over concerns this one event only
            return error
        return Item(stored.id, stored.external_id, event, stored.received_at)

    async def _park(self, work: LaneWork, event: StoredEvent, error: Exception) -> None:
        log.warning("inbox.parked", event_id=event.id, error=repr(error))
        now = self._clock.now()
        async with self._database.write() as session:
            await inbox_rows.mark_failed(session, work.claim, [event.id], _describe(error), now, tries=0)

    async def _put_back(self, work: LaneWork, error: Exception) -> float | None:
        retries = self._pace.retries
        attempt = max(event.attempt for event in work.events)
        delay = retries[min(attempt, len(retries)) - 1]
        retry_at = self._clock.now() + timedelta(seconds=delay)
        try:
            async with self._database.write() as session:
                await inbox_rows.mark_failed(
                    session, work.claim, work.ids, _describe(error), retry_at, tries=len(retries) + 1
                )
        except Exception as away:  # the lease will run out, and the events be handled again
            log.warning("inbox.not_put_back", event_ids=work.ids, error=repr(away))
            return None
        return delay


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]

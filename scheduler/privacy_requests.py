"""What customers confirmed about their own data is carried out by itself: a copy, or erasure with a last word."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import exists, select

from conversations import copies, last_words, leases
from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database, ReadSession
from core.errors import KefuError
from core.files import FileStore
from core.outages import is_outage
from core.secretbox import SecretBox
from customers import privacy, tasks
from customers.export import take_copy
from customers.tasks import ConfirmedWish, PrivacyWish
from knowledge_base.forgetting import FORGETTING
from scheduler.jobs import Job, Shop

log = structlog.get_logger(__name__)

_SECONDS = 5.0
#: The answer to the yes goes out first: nothing can be sent to somebody who is not known any more.
_ANSWER_FIRST = timedelta(seconds=5)
_WAIT_FOR_ANSWER = timedelta(minutes=2)
_LEASE, _LEASE_SECONDS = "privacy", 120.0
_ON_THE_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class PrivacyDesk:
    """What the requests are carried out with. `folder`: the data folder, which keeps the log of erasures.

    `reached`: as of `privacy.Erasing`.
    """

    database: Database
    folder: Path
    files: FileStore
    box: SecretBox
    holder: str
    reached: Callable[[str], None] = field(default=lambda point: None)

    async def work(self, now: datetime) -> int:
        """Carries out what was confirmed, and says last words; how much was done. Twice at once does no harm."""
        async with self.database.read() as session:
            confirmed = [
                wish
                for wish in await tasks.list_confirmed(session, now - _ANSWER_FIRST)
                if await _is_answered(session, wish, now)
            ]
        done = len([wish for wish in confirmed if await self._try(wish, now)])
        return done + await self._say_last_words(now)

    async def _try(self, wish: ConfirmedWish, now: datetime) -> bool:
        """What cannot be carried out stays with staff, who see it with its date."""
        async with self.database.write() as session:
            if await leases.acquire(session, _LEASE, self.holder, now, _LEASE_SECONDS) is None:
                return False
        try:
            await self._carry_out(wish, now)
        except KefuError as error:
            log.warning("privacy_request_left", task=wish.task_id, error=error.code)
            return False
        except Exception as error:  # one that cannot be carried out holds up no other
            if is_outage(error):
                raise
            log.error("privacy_request_failed", task=wish.task_id, exc_info=error)
            return False
        return True

    async def _carry_out(self, wish: ConfirmedWish, now: datetime) -> None:
        if wish.wish is PrivacyWish.COPY:
            await self._give_copy(wish, now)
        elif wish.wish is PrivacyWish.ERASURE:
            async with self.database.write() as session:
                await last_words.owe(session, self.box, wish, now)
            self.reached("owed")
            work = privacy.Erasing(self.database, self.folder, self.files, FORGETTING, self.reached)
            await privacy.erase(work, wish.customer_id, by="customer", now=now)

    async def _give_copy(self, wish: ConfirmedWish, now: datetime) -> None:
        known = await take_copy(self.database, wish.customer_id, by="customer", now=now)
        attachment = copies.attachment_of(self.box, wish, now)
        async with self.database.write() as session:
            await copies.note_file(session, wish, attachment, now)
        attachment = await copies.keep(self.files, attachment, known)
        async with self.database.write() as session:
            await copies.hand_over(session, wish, attachment, now)

    async def _say_last_words(self, now: datetime) -> int:
        """How many rows moved on."""
        async with self.database.read() as session:
            owed = await last_words.list_owed(session)
        moved = 0
        for row_id in owed:
            moved += await self._say_last_word(row_id, now)
        return moved

    async def _say_last_word(self, row_id: int, now: datetime) -> bool:
        try:
            async with self.database.write() as session:
                became = await last_words.move_on(session, self.box, row_id, now)
        except KefuError as error:  # sealed under another secret; the others' are said
            log.warning("last_word_left", row=row_id, error=error.code)
            return False
        self.reached("said")
        if became.trace is not None:
            await privacy.compact(self.database, (became.trace,))
        return became.has_moved


async def _is_answered(session: ReadSession, wish: ConfirmedWish, now: datetime) -> bool:
    """Nothing of the conversation is on its way any more, or it has been for so long that nobody waits for it."""
    on_the_way = exists().where(
        Delivery.conversation_id == wish.conversation_id,
        Delivery.state.in_(_ON_THE_WAY),
        Delivery.due_at > now - _WAIT_FOR_ANSWER,
    )
    return not await session.scalar(select(on_the_way))


def privacy_requests(folder: Path, files: FileStore, box: SecretBox) -> Job:
    """The job of one installation; several processes may run it."""
    holder = leases.new_worker_id()

    async def work(shop: Shop) -> int:
        return await PrivacyDesk(shop.database, folder, files, box, holder).work(shop.clock.now())

    return Job("privacy", _SECONDS, work)

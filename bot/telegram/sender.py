"""Sends one bot's deliveries: in Telegram's pace, one call each, with an outcome for whatever happens."""

from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods.base import TelegramMethod
from sqlalchemy import update

from bot.telegram.limits import RateLimiter, Wait
from bot.telegram.moved_chats import move_chat
from bot.telegram.outcomes import BadFormat, BadMedia, Migrated, TelegramOutcome, outcome_of, sent_as
from bot.telegram.outgoing import FindFile, NothingToSend, Target, as_call
from conversations.deliveries import (
    DEFAULT_PRIORITY,
    REPLY_PRIORITY,
    NotYet,
    Outcome,
    Refused,
    RetryAt,
    SendJob,
    Sent,
)
from conversations.models import Delivery
from conversations.payloads import MessagePayload
from conversations.repository import list_ids
from conversations.values import AttachmentKind, DeliveryKind, DeliveryState
from core.clock import Clock
from core.database import Database
from tickets.vouchers import VoucherCodes

log = structlog.get_logger(__name__)

#: How long a delivery waits for its turn here; then it makes room for others. Well below the outbox's own patience.
PATIENCE = timedelta(seconds=0.5)
_AWAITED = (DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY)


class TelegramSender:
    """The `Sender` of one bot account."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        clock: Clock,
        limiter: RateLimiter,
        find_file: FindFile,
        codes: VoucherCodes,
    ) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._limiter = limiter
        self._find_file = find_file
        self._codes = codes

    async def send(self, job: SendJob) -> Outcome:
        try:
            payload = MessagePayload.model_validate(job.payload)
            if payload.edits is not None:
                return await self._change(job, payload, payload.edits)
            return await self._heed(job, payload, await self._in_turn(job, payload))
        except ValueError as error:  # found before anything was written
            log.error("telegram.bad_payload", delivery_id=job.id, error=type(error).__name__)
            return Refused("bad_payload")
        except NothingToSend:
            return Refused("file_gone")

    async def _change(self, job: SendJob, payload: MessagePayload, delivery_id: int) -> Outcome:
        """The earlier delivery is finished by now, since a lane keeps its order. What never arrived is said anew."""
        async with self._database.read() as session:
            earlier = await session.get(Delivery, delivery_id)
        if earlier is not None and earlier.external_id:
            ids = tuple(int(number) for number in list_ids(earlier.external_id))
            target = Target(ids, has_media=bool(MessagePayload.model_validate(earlier.payload).attachments))
            return await self._heed(job, payload, await self._in_turn(job, payload, target))
        if not payload.takes_back:
            return await self._write_back(job, payload, edits=None)
        is_uncertain = earlier is not None and earlier.state is DeliveryState.UNKNOWN
        return Refused("perhaps_there") if is_uncertain else Sent()

    async def _in_turn(self, job: SendJob, payload: MessagePayload, target: Target | None = None) -> TelegramOutcome:
        # The code of a voucher stands in what is sent, never in what is kept.
        call = as_call(payload.model_copy(update={"text": self._codes.reveal(payload.text)}), self._find_file, target)
        priority = REPLY_PRIORITY if job.kind in _AWAITED else DEFAULT_PRIORITY
        wait = await self._limiter.turn(int(payload.to), priority, PATIENCE, max(1, len(payload.attachments)))
        if isinstance(wait, Wait):
            return RetryAt(wait.until) if wait.everybody else NotYet(wait.until)
        return await self._call(call)

    async def _heed(self, job: SendJob, payload: MessagePayload, outcome: TelegramOutcome) -> Outcome:
        """What asks for another call is written into the row, which is given back and has its turn again."""
        match outcome:
            case Migrated(chat_id):
                return await self._follow(job, payload, str(chat_id))
            case BadFormat():
                return await self._write_back(job, payload, entities=()) if payload.entities else Refused("bad_format")
            case BadMedia(reason):
                return (
                    await self._write_back(job, payload, as_files=True) if _can_be_files(payload) else Refused(reason)
                )
        return outcome

    async def _follow(self, job: SendJob, payload: MessagePayload, new_id: str) -> Outcome:
        """The chat has another id from now on, this delivery's too: it is sent there next."""
        if new_id == payload.to:
            return Refused("moved")
        async with self._database.write() as session:
            await move_chat(session, job.account, payload.to, new_id)
        return NotYet(self._clock.now())

    async def _write_back(self, job: SendJob, payload: MessagePayload, **changes: Any) -> Outcome:
        changed = payload.model_copy(update=changes).model_dump(mode="json")
        async with self._database.write() as session:
            await session.execute(update(Delivery).where(Delivery.id == job.id).values(payload=changed))
        return NotYet(self._clock.now())

    async def _call(self, call: TelegramMethod[Any]) -> TelegramOutcome:
        try:
            return sent_as(await self._bot(call))
        except AiogramError as error:
            outcome = outcome_of(error, self._clock.now())
            if isinstance(outcome, RetryAt):
                self._limiter.pause(outcome.instant)
            return outcome


def _can_be_files(payload: MessagePayload) -> bool:
    """Would sending them as plain files be another try?"""
    others = (AttachmentKind.LOCATION, AttachmentKind.CONTACT)
    if payload.as_files or any(attachment.kind in others for attachment in payload.attachments):
        return False
    return any(each.kind is not AttachmentKind.DOCUMENT or each.remote_id for each in payload.attachments)

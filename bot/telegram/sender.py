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
from bot.telegram.outcomes import BadFormat, Migrated, TelegramOutcome, outcome_of
from bot.telegram.outgoing import FindFile, NothingToSend, as_call
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
from conversations.values import DeliveryKind
from core.clock import Clock
from core.database import Database

log = structlog.get_logger(__name__)

#: How long a delivery waits for its turn here; then it makes room for others. Well below the outbox's own patience.
PATIENCE = timedelta(seconds=0.5)
_AWAITED = (DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY)


class TelegramSender:
    """The `Sender` of one bot account."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, limiter: RateLimiter, find_file: FindFile) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._limiter = limiter
        self._find_file = find_file

    async def send(self, job: SendJob) -> Outcome:
        try:
            payload = MessagePayload.model_validate(job.payload)
            outcome = await self._in_turn(job, payload)
        except ValueError as error:  # found before anything was written
            log.error("telegram.bad_payload", delivery_id=job.id, error=type(error).__name__)
            return Refused("bad_payload")
        except NothingToSend:
            return Refused("file_gone")
        if isinstance(outcome, Migrated):
            return await self._follow(job, payload, str(outcome.chat_id))
        return await self._say_it_plainly(job, payload) if isinstance(outcome, BadFormat) else outcome

    async def _in_turn(self, job: SendJob, payload: MessagePayload) -> TelegramOutcome:
        call = as_call(payload, self._find_file)
        priority = REPLY_PRIORITY if job.kind in _AWAITED else DEFAULT_PRIORITY
        wait = await self._limiter.turn(int(payload.to), priority, PATIENCE)
        if isinstance(wait, Wait):
            return RetryAt(wait.until) if wait.everybody else NotYet(wait.until)
        return await self._call(call)

    async def _follow(self, job: SendJob, payload: MessagePayload, new_id: str) -> Outcome:
        """The chat has another id from now on, this delivery's too: it is sent there next."""
        if new_id == payload.to:
            return Refused("moved")
        async with self._database.write() as session:
            await move_chat(session, job.account, payload.to, new_id)
        return NotYet(self._clock.now())

    async def _say_it_plainly(self, job: SendJob, payload: MessagePayload) -> Outcome:
        """Telegram refuses the formatting: the words alone are sent next."""
        if not payload.entities:
            return Refused("bad_format")
        plain = payload.model_copy(update={"entities": ()}).model_dump(mode="json")
        async with self._database.write() as session:
            await session.execute(update(Delivery).where(Delivery.id == job.id).values(payload=plain))
        return NotYet(self._clock.now())

    async def _call(self, call: TelegramMethod[Any]) -> TelegramOutcome:
        try:
            sent = await self._bot(call)
        except AiogramError as error:
            outcome = outcome_of(error, self._clock.now())
            if isinstance(outcome, RetryAt):
                self._limiter.pause(outcome.instant)
            return outcome
        return Sent(str(sent.message_id) if hasattr(sent, "message_id") else None)

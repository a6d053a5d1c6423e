"""The way out that all of a bot's calls share: each in its turn, with an outcome for whatever happens."""

from datetime import timedelta
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods.base import TelegramMethod
from sqlalchemy import update

from bot.telegram.limits import RateLimiter, Wait
from bot.telegram.moved_chats import move_chat
from bot.telegram.outcomes import BadFormat, BadMedia, Migrated, TelegramOutcome, outcome_of, sent_as
from conversations.deliveries import NotYet, Outcome, Refused, RetryAt, SendJob
from conversations.models import Delivery
from conversations.payloads import MessagePayload
from conversations.values import AttachmentKind
from core.clock import Clock
from core.database import Database

#: How long a delivery waits for its turn here; then it makes room for others. Well below the outbox's own patience.
PATIENCE = timedelta(seconds=0.5)


class Line:
    """One bot's."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, limiter: RateLimiter) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._limiter = limiter

    async def call_in_turn(
        self, call: TelegramMethod[Any], chat_id: int, priority: int, amount: int = 1
    ) -> TelegramOutcome:
        """`amount`: as how many messages the call counts."""
        wait = await self._limiter.turn(chat_id, priority, PATIENCE, amount)
        if isinstance(wait, Wait):
            return RetryAt(wait.until) if wait.everybody else NotYet(wait.until)
        return await self.call(call)

    async def call(self, call: TelegramMethod[Any]) -> TelegramOutcome:
        """At once."""
        try:
            return sent_as(await self._bot(call))
        except AiogramError as error:
            outcome = outcome_of(error, self._clock.now())
            if isinstance(outcome, RetryAt):
                self._limiter.pause(outcome.instant)
            return outcome

    async def heed(self, job: SendJob, payload: MessagePayload, outcome: TelegramOutcome) -> Outcome:
        """What asks for another call is written into the row, which is given back and has its turn again."""
        match outcome:
            case Migrated(chat_id):
                return await self._follow(job, payload, str(chat_id))
            case BadFormat():
                return await self.write_back(job, payload, entities=()) if payload.entities else Refused("bad_format")
            case BadMedia(reason):
                return await self.write_back(job, payload, as_files=True) if _can_be_files(payload) else Refused(reason)
        return outcome

    async def write_back(self, job: SendJob, payload: MessagePayload, **changes: Any) -> Outcome:
        changed = payload.model_copy(update=changes).model_dump(mode="json")
        async with self._database.write() as session:
            await session.execute(update(Delivery).where(Delivery.id == job.id).values(payload=changed))
        return NotYet(self._clock.now())

    async def _follow(self, job: SendJob, payload: MessagePayload, new_id: str) -> Outcome:
        """The chat has another id from now on, this delivery's too: it is sent there next."""
        if new_id == payload.to:
            return Refused("moved")
        async with self._database.write() as session:
            await move_chat(session, job.account, payload.to, new_id)
        return NotYet(self._clock.now())


def _can_be_files(payload: MessagePayload) -> bool:
    """Would sending them as plain files be another try?"""
    others = (AttachmentKind.LOCATION, AttachmentKind.CONTACT)
    if payload.as_files or any(attachment.kind in others for attachment in payload.attachments):
        return False
    return any(each.kind is not AttachmentKind.DOCUMENT or each.remote_id for each in payload.attachments)

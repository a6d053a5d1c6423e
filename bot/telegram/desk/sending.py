"""Makes the calls of a desk: posts in a case's topic, which is opened when it is not there, edits, marks, pins."""

from datetime import timedelta
from typing import Any

import structlog
from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    DeleteForumTopic,
    DeleteMessage,
    EditForumTopic,
    PinChatMessage,
    ReopenForumTopic,
    SetMessageReaction,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import ReactionTypeEmoji, ReplyParameters
from sqlalchemy import delete, select, update

from bot.telegram.desk import groups, leftovers
from bot.telegram.desk.payloads import BESIDE, DeskPayload, Do, Place, drafts, post
from bot.telegram.desk.talk import because_text
from bot.telegram.desk.wording import Wording
from bot.telegram.line import Line
from bot.telegram.models import DeskGroup, DeskPost, DeskTopic, Mark
from bot.telegram.outcomes import TelegramOutcome
from bot.telegram.outgoing import FindFile, Target, as_call
from conversations import outbox
from conversations.deliveries import DEFAULT_PRIORITY, DeliveryDraft, NotYet, Outcome, Refused, SendJob, Sent
from conversations.repository import list_ids
from conversations.values import DeliveryKind
from core import signals
from core.clock import Clock
from core.database import Database, WriteSession, upsert_ignore
from tickets.models import Ticket

log = structlog.get_logger(__name__)

#: What these calls change is gone, or as it should be already: nobody misses anything.
_NEVER_MIND = frozenset({"message_gone", "not_deletable", "not_editable"})
#: The bot is not let in, or may not write.
_SHUT_OUT = frozenset({"kicked", "forbidden", "not_found", "no_rights"})
_TRIES_AGAIN_AFTER = timedelta(seconds=60)
_ABOUT_TOPIC = (Do.TITLE, Do.CLOSE, Do.REOPEN, Do.DELETE)
_ON_SCREEN = (Do.POST, Do.EDIT)
_FREE = (Do.MARK, Do.DROP)


class DeskSender:
    """For the groups of one bot account, and its agents' own chats."""

    def __init__(self, line: Line, database: Database, clock: Clock, find_file: FindFile, wording: Wording) -> None:
        self._line = line
        self._wording = wording
        self._database = database
        self._clock = clock
        self._find_file = find_file

    async def send(self, job: SendJob, payload: DeskPayload) -> Outcome:
        group, topic = await self._look_up(job.account, payload)
        if payload.topic is not None and topic is None:
            return Refused("topic_gone")
        if topic is not None and topic.chat != payload.to:
            # Its group is no desk any more: the case stands in another one, and so does what is new about it.
            if payload.do is not Do.POST or payload.place is Place.CARD:
                return Sent()
            payload = payload.model_copy(update={"to": topic.chat, "quotes": None})
        if payload.do in _ABOUT_TOPIC and (topic is None or topic.thread is None):
            return Sent()
        if payload.do is Do.POST and topic is not None and topic.thread is None and group and group.has_topics:
            return await self._open_topic(job, payload, topic)
        call = _call(payload, topic, self._find_file)
        amount = 0 if payload.do in _FREE else max(1, len(payload.attachments))
        outcome = await self._line.call_in_turn(call, int(payload.to), DEFAULT_PRIORITY, amount)
        return await self._heed(job, payload, topic, outcome)

    async def _look_up(self, account: str, payload: DeskPayload) -> tuple[DeskGroup | None, DeskTopic | None]:
        async with self._database.read() as session:
            topic = await session.get(DeskTopic, payload.topic) if payload.topic is not None else None
            return await groups.find(session, account, topic.chat if topic else payload.to), topic

    async def _open_topic(self, job: SendJob, payload: DeskPayload, topic: DeskTopic) -> Outcome:
        """Opens the case's topic; what is to stand in it has its turn again."""
        call = CreateForumTopic(chat_id=int(payload.to), name=payload.title or "…")
        outcome = await self._line.call_in_turn(call, int(payload.to), DEFAULT_PRIORITY)
        if isinstance(outcome, Sent) and outcome.external_id:
            # Without a title of its own it gets the case's with the next round.
            await self._set(topic.id, thread=int(outcome.external_id), **{} if payload.title else {"title_print": None})
            return NotYet(self._clock.now())
        if isinstance(outcome, Refused):
            # Without topics, or the right to them, the case becomes a thread of answers to its card.
            log.warning("telegram.topic_not_opened", ticket_id=topic.ticket_id, reason=outcome.reason)
            await self._look_again(job.account, payload.to, has_topics=False)
            return NotYet(self._clock.now())
        return await self._line.heed(job, payload, outcome)

    async def _look_again(self, account: str, chat: str, **values: Any) -> None:
        """Something about the group is not as it was."""
        async with self._database.write() as session:
            of_group = (DeskGroup.account == account, DeskGroup.chat == chat)
            await session.execute(update(DeskGroup).where(*of_group).values(looked_at=None, **values))

    async def _lose_thread(self, topic_id: int) -> None:
        """The topic was deleted: its card is gone with it, and a new one has to tell all."""
        await self._set(topic_id, thread=None, card=None, card_print=None, is_closed=False)

    async def _forget_topic(self, topic: DeskTopic) -> None:
        """It was deleted for good, and all that stood in it."""
        await self._lose_thread(topic.id)
        async with self._database.write() as session:
            there = (DeskPost.topic_id == topic.id, DeskPost.chat == topic.chat)
            await session.execute(delete(DeskPost).where(*there))

    async def _set(self, topic_id: int, **values: Any) -> None:
        async with self._database.write() as session:
            await session.execute(update(DeskTopic).where(DeskTopic.id == topic_id).values(**values))

    async def _heed(
        self, job: SendJob, payload: DeskPayload, topic: DeskTopic | None, outcome: TelegramOutcome
    ) -> Outcome:
        if isinstance(outcome, Refused):
            return await self._heed_refusal(job, payload, topic, outcome)
        heeded = await self._line.heed(job, payload, outcome)
        if isinstance(heeded, Sent) and payload.do is Do.DELETE and topic is not None:
            await self._forget_topic(topic)
        elif isinstance(heeded, Sent):
            async with self._database.write() as session:
                await self._note(session, job, payload, heeded)
                session.signal(signals.DESK)  # there is room for more
        return heeded

    async def _heed_refusal(
        self, job: SendJob, payload: DeskPayload, topic: DeskTopic | None, refused: Refused
    ) -> Outcome:
        if refused.reason == "topic_gone" and topic is not None:
            log.info("telegram.topic_was_deleted", ticket_id=topic.ticket_id)
            await self._lose_thread(topic.id)
            return Sent() if payload.do in _ABOUT_TOPIC else NotYet(self._clock.now())
        if payload.do in _ON_SCREEN and refused.reason in _SHUT_OUT and await self._is_desk(job.account, payload.to):
            # It is kept until the bot is let in again: what a customer wrote must not be lost.
            await self._look_again(job.account, payload.to)
            return NotYet(self._clock.now() + _TRIES_AGAIN_AFTER, refused.reason)
        if payload.do is Do.DELETE and topic is not None:
            return await self._leave_topic(job, topic, refused)
        if payload.of_erased is not None and refused.reason != "message_gone":
            return await self._erase_otherwise(job, payload, payload.of_erased, refused)
        if payload.do in _ABOUT_TOPIC and refused.reason == "no_rights":
            await self._look_again(job.account, payload.to, has_topics=False)
        if payload.do is Do.EDIT and refused.reason in _NEVER_MIND:
            await self._forget(job.account, payload)
        if payload.do is Do.MARK or (payload.do is not Do.POST and refused.reason in _NEVER_MIND):
            log.info("telegram.not_marked", number=payload.number, reason=refused.reason)
            return Sent()
        return refused

    async def _leave_topic(self, job: SendJob, topic: DeskTopic, refused: Refused) -> Outcome:
        """Of a customer who is erased: what the bot may not delete somebody has to. Said once, and on the receipt."""
        text = self._wording.say("said.not_deleted", because=because_text(refused.reason, self._wording))
        told = drafts(job.account, post(topic.chat, text, topic=topic), f"leftover:{topic.id}", self._clock.now())
        async with self._database.write() as session:
            ticket = await session.get_one(Ticket, topic.ticket_id)
            what = f"the topic of case {ticket.number} in the Telegram chat {topic.chat} ({refused.reason})"
            is_named = await leftovers.name_on_receipt(session, ticket.customer_id, f"{what}: delete it by hand")
            await outbox.enqueue(session, *told)
        return refused if is_named else NotYet(self._clock.now() + _TRIES_AGAIN_AFTER, refused.reason)

    async def _erase_otherwise(self, job: SendJob, payload: DeskPayload, customer_id: int, refused: Refused) -> Outcome:
        """What cannot be deleted is emptied; what cannot be emptied is named on the receipt."""
        if payload.do is Do.DROP:
            return await self._line.write_back(job, payload, do=Do.EDIT, text=leftovers.EMPTY)
        what = f"message {payload.number} in the Telegram chat {payload.to} ({refused.reason}): delete it by hand"
        async with self._database.write() as session:
            is_named = await leftovers.name_on_receipt(session, customer_id, what)
        return refused if is_named else NotYet(self._clock.now() + _TRIES_AGAIN_AFTER, refused.reason)

    async def _is_desk(self, account: str, chat: str) -> bool:
        async with self._database.read() as session:
            return await groups.find(session, account, chat) is not None

    async def _forget(self, account: str, payload: DeskPayload) -> None:
        """The card or board that was to be edited is gone: it is posted anew."""
        async with self._database.write() as session:
            if payload.place is Place.CARD:
                of_topic = (DeskTopic.id == payload.topic, DeskTopic.card == payload.number)
                await session.execute(update(DeskTopic).where(*of_topic).values(card=None, card_print=None))
            elif payload.place is Place.BOARD:
                of_group = (DeskGroup.account == account, DeskGroup.board == payload.number)
                await session.execute(update(DeskGroup).where(*of_group).values(board=None, board_print=None))

    async def _note(self, session: WriteSession, job: SendJob, payload: DeskPayload, sent: Sent) -> None:
        """Remembers which message it became."""
        if payload.do is not Do.POST or not sent.external_id:
            return
        numbers = [int(one) for one in list_ids(sent.external_id)]
        topic_id = payload.topic or payload.about
        if payload.to.startswith("-") or topic_id is not None:
            rows = [
                {
                    "account": job.account,
                    "chat": payload.to,
                    "number": number,
                    "topic_id": topic_id,
                    "message_id": payload.shows,
                    "held_id": payload.held,
                    "by_id": payload.by,
                    "mark": Mark.HELD if payload.held is not None and number == numbers[-1] else None,
                    "at": self._clock.now(),
                }
                for number in numbers
            ]
            await session.execute(upsert_ignore(DeskPost, session.get_bind().dialect.name), rows)
        if payload.place is Place.CARD:
            of_topic = DeskTopic.id == payload.topic
            await session.execute(update(DeskTopic).where(of_topic).values(card=numbers[0]))
        if payload.place is Place.BOARD:
            await self._pin(session, job, payload, numbers[0])

    async def _pin(self, session: WriteSession, job: SendJob, payload: DeskPayload, number: int) -> None:
        query = select(DeskGroup).where(DeskGroup.account == job.account, DeskGroup.chat == payload.to)
        group = await session.scalar(query)
        if group is None:
            return
        group.board = number
        pin = DeskPayload(to=payload.to, do=Do.PIN, number=number)
        draft = DeliveryDraft(
            account=job.account,
            lane=payload.to + BESIDE,
            kind=DeliveryKind.DESK_EDIT,
            payload=pin.model_dump(mode="json"),
            dedupe_key=f"desk:pin:{payload.to}:{number}",
            due_at=self._clock.now(),
        )
        await outbox.enqueue(session, draft)


def _call(payload: DeskPayload, topic: DeskTopic | None, find_file: FindFile) -> TelegramMethod[Any]:
    chat_id, number = int(payload.to), payload.number or 0
    thread = topic.thread or 0 if topic else 0
    match payload.do:
        case Do.EDIT:
            return as_call(payload, find_file, Target((number,), has_media=False))
        case Do.DROP:
            return DeleteMessage(chat_id=chat_id, message_id=number)
        case Do.PIN:
            return PinChatMessage(chat_id=chat_id, message_id=number, disable_notification=True)
        case Do.MARK:
            mark = ReactionTypeEmoji(emoji=payload.emoji) if payload.emoji else None
            return SetMessageReaction(chat_id=chat_id, message_id=number, reaction=[mark] if mark else [])
        case Do.TITLE:
            return EditForumTopic(chat_id=chat_id, message_thread_id=thread, name=payload.title)
        case Do.CLOSE:
            return CloseForumTopic(chat_id=chat_id, message_thread_id=thread)
        case Do.REOPEN:
            return ReopenForumTopic(chat_id=chat_id, message_thread_id=thread)
        case Do.DELETE:
            return DeleteForumTopic(chat_id=chat_id, message_thread_id=thread)
        case Do.POST:
            return _post(payload, topic, find_file)


def _post(payload: DeskPayload, topic: DeskTopic | None, find_file: FindFile) -> TelegramMethod[Any]:
    """In a plain group a case's posts answer its card."""
    thread = topic.thread if topic else None
    quoted = payload.quotes or (topic.card if topic and thread is None else None)
    around = {
        "message_thread_id": thread,
        "disable_notification": not payload.loud,
        "reply_parameters": ReplyParameters(message_id=quoted, allow_sending_without_reply=True) if quoted else None,
    }
    return as_call(payload, find_file).model_copy(update=around)

"""What is new in the conversations that have a socket in this process: one look into the database for all of them.

What is committed is delivered: a follower is a cursor over `seq`, so that nothing is lost or doubled whatever was
signalled, and whichever process wrote it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, or_, select

from admin.api.shapes.conversation import shown_name
from admin.api.shapes.message import Link, message_shape
from bot.web.frames import Code, StateFrame, message_frame, write_frame
from bot.web.models import WebSession
from conversations.models import Conversation, Message
from conversations.rounds import RoundLoop
from conversations.values import Owner
from core.clock import Clock
from core.database import Database, ReadSession
from core.signals import MESSAGES, Signal
from staff.models import Agent
from tickets.vouchers import VoucherCodes

#: A lost signal costs no more than this.
_LOOK_SECONDS = 2.0
#: Conversations in one query, and messages that one query brings.
_CHUNK = 200
_MOST_MESSAGES = 500
#: A reader with so many unsent frames gets no more before it has read some.
_FULL = 200


@dataclass(eq=False, slots=True)
class Follower:
    """One socket. `after` is the last `seq` that was put into `frames`; a code in there ends the socket.

    `is_starved`: it had no room when there was something for it.
    """

    session_id: int
    conversation_id: int
    after: int
    frames: "asyncio.Queue[str | Code]" = field(default_factory=asyncio.Queue)
    told: StateFrame | None = None
    is_starved: bool = False

    @property
    def is_with_person(self) -> bool:
        return self.told is not None and self.told.state is Owner.TAKEN

    @property
    def has_room(self) -> bool:
        return self.frames.qsize() < _FULL


@dataclass(frozen=True, slots=True)
class _News:
    """One conversation's messages above `after`, all up to `upto`; how far it is, and who answers there."""

    after: int
    upto: int
    messages: Sequence[tuple[int, str]]
    last_seq: int
    state: StateFrame


class MessageFeed(RoundLoop):
    """Fills the queues of those who follow. `run` it beside the server; `stop` ends every socket."""

    def __init__(self, database: Database, clock: Clock, link: Link, codes: VoucherCodes) -> None:
        super().__init__(database, clock, MESSAGES, _LOOK_SECONDS)
        self._link = link
        self._codes = codes
        self._followers: dict[int, set[Follower]] = {}
        self._changed: set[int] = set()

    @property
    def sockets(self) -> int:
        """How many sockets follow."""
        return sum(len(followers) for followers in self._followers.values())

    @property
    def waiting(self) -> list[int]:
        """How many frames each socket has not been sent yet."""
        return [follower.frames.qsize() for follower in self._all(list(self._followers))]

    @contextmanager
    def following(self, session_id: int, conversation_id: int, after: int) -> Iterator[Follower]:
        """What is said after `after`, and who answers, arrive in `frames`."""
        follower = Follower(session_id, conversation_id, after)
        self._followers.setdefault(conversation_id, set()).add(follower)
        self.look_at(conversation_id)
        try:
            yield follower
        finally:
            self._followers[conversation_id].discard(follower)
            if not self._followers[conversation_id]:
                del self._followers[conversation_id]

    def look_at(self, conversation_id: int) -> None:
        """Something may be new there, or a reader has room again."""
        self._wake.deliver(Signal(MESSAGES, str(conversation_id)))

    def _is_worth_a_round(self, signals: frozenset[Signal]) -> bool:
        if not signals or any(signal.key is None for signal in signals):
            self._changed = set(self._followers)
        else:
            told = {int(signal.key) for signal in signals if signal.key and signal.key.isdecimal()}
            self._changed |= told & self._followers.keys()
        return bool(self._changed)

    async def _round(self) -> None:
        changed, self._changed = list(self._changed), set()
        for start in range(0, len(changed), _CHUNK):
            chunk = changed[start : start + _CHUNK]
            async with self._database.read() as session:
                ended = await self._ended_sessions(session, chunk)
                news = await self._read_news(session, chunk)
            for follower in self._all(chunk):
                if follower.session_id in ended:
                    follower.frames.put_nowait(Code.TOKEN)
                elif found := news.get(follower.conversation_id):
                    self._tell(follower, found)

    async def _ended_sessions(self, session: ReadSession, conversation_ids: Sequence[int]) -> Collection[int]:
        ids = {follower.session_id for follower in self._all(conversation_ids)}
        query = select(WebSession.id).where(WebSession.id.in_(ids), WebSession.revoked_at.is_not(None))
        return set(await session.scalars(query))

    async def _read_news(self, session: ReadSession, conversation_ids: Sequence[int]) -> dict[int, _News]:
        heads = await _heads(session, conversation_ids)
        behind = self._behind(heads)
        messages = await _messages(session, behind)
        is_cut = sum(map(len, messages.values())) >= _MOST_MESSAGES
        frames = {key: self._frames(messages[key]) for key in heads}
        return {
            key: _news(frames[key], behind.get(key, last_seq), None if is_cut else last_seq, last_seq, state)
            for key, (last_seq, state) in heads.items()
        }

    def _frames(self, messages: Sequence[Message]) -> list[tuple[int, str]]:
        """The messages as the customer reads them whose they are."""
        shapes = (message_shape(message, link=self._link, read=self._codes.reveal) for message in messages)
        return [(shape.seq, write_frame(message_frame(shape))) for shape in shapes]

    def _behind(self, heads: Mapping[int, tuple[int, StateFrame]]) -> dict[int, int]:
        """Where to read on in the conversations whose readers lack something and have room for it."""
        found: dict[int, int] = {}
        for key, (last_seq, _) in heads.items():
            cursors = [follower.after for follower in self._followers.get(key, ()) if follower.has_room]
            if min(cursors, default=last_seq) < last_seq:
                found[key] = min(cursors)
        return found

    def _tell(self, follower: Follower, news: _News) -> None:
        follower.is_starved = not follower.has_room
        if follower.is_starved:
            return
        follower.after = min(follower.after, news.last_seq)  # a page may remember more than a restored backup
        if follower.after >= news.after:
            for seq, frame in news.messages:
                if seq > follower.after:
                    follower.frames.put_nowait(frame)
            follower.after = max(follower.after, news.upto)
        if follower.after < news.last_seq:
            self.look_at(follower.conversation_id)
        elif follower.told != news.state:
            follower.told = news.state
            follower.frames.put_nowait(write_frame(news.state))

    def _all(self, conversation_ids: Sequence[int]) -> list[Follower]:
        return [follower for key in conversation_ids for follower in self._followers.get(key, ())]

    async def _close(self) -> None:
        for follower in self._all(list(self._followers)):
            follower.frames.put_nowait(Code.RESTART)


def _news(frames: Sequence[tuple[int, str]], after: int, upto: int | None, last_seq: int, state: StateFrame) -> _News:
    """`upto` None: the query was cut, so what it brought is as far as it goes."""
    reached = frames[-1][0] if frames else after
    return _News(after, reached if upto is None else max(reached, upto), frames, last_seq, state)


async def _heads(session: ReadSession, conversation_ids: Sequence[int]) -> dict[int, tuple[int, StateFrame]]:
    """How far each conversation is, and who answers there."""
    conversation = (Conversation.id, Conversation.last_seq, Conversation.owner, Conversation.owner_since)
    query = (
        select(*conversation, Conversation.answer_by, Agent)
        .outerjoin(Agent, Agent.id == Conversation.agent_id)
        .where(Conversation.id.in_(conversation_ids))
    )
    return {row.id: (row.last_seq, _state(row)) for row in (await session.execute(query)).all()}


def _state(row: Any) -> StateFrame:
    return StateFrame(state=row.owner, with_=shown_name(row.Agent), since=row.owner_since, answer_by=row.answer_by)


async def _messages(session: ReadSession, behind: Mapping[int, int]) -> dict[int, list[Message]]:
    """The messages above each conversation's number, at most `_MOST_MESSAGES` in all, without gaps."""
    found: dict[int, list[Message]] = defaultdict(list)
    if behind:
        wanted = or_(*(and_(Message.conversation_id == key, Message.seq > after) for key, after in behind.items()))
        query = select(Message).where(wanted).order_by(Message.conversation_id, Message.seq).limit(_MOST_MESSAGES)
        for message in await session.scalars(query):
            found[message.conversation_id].append(message)
    return found

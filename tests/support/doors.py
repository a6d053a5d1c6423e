"""Ways into the product for conversation scripts: each door carries a customer's words in and what is said back out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Protocol

from conversations import inbox, inbox_rows, repository
from conversations.batches import Batch, Item
from conversations.models import Message
from conversations.service import Conversations
from conversations.values import Attachment, Author, Button, Edited, Event, Pressed, Reachability, Said, Seen, Visitor
from core.clock import Clock
from core.database import Database
from tests.support.policies import POLICIES


@dataclass(frozen=True, slots=True)
class Words:
    """One message of the customer. `id` is the sender's own."""

    id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """One message to the customer. `article` is None where a door does not show it."""

    author: Author
    name: str | None
    text: str
    buttons: tuple[Button, ...] = ()
    article: str | None = None


class Door(Protocol):
    """`account` and `visitor` tell where the conversation is kept; `lacks` names script lines that it cannot carry."""

    account: str
    visitor: str
    lacks: frozenset[str]

    async def say(self, messages: Sequence[Words]) -> None:
        """Sends messages, together if the door can, and returns when they have been handled."""
        ...

    async def press(self, message_id: str, button: str) -> None: ...

    async def edit(self, message_id: str, text: str) -> None: ...

    async def hear(self) -> list[Heard]:
        """What was said to the customer since the last call."""
        ...


class DirectDoor:
    """Straight into the engine, past every channel: through the inbox's rows, one batch a call."""

    lacks: frozenset[str] = frozenset()

    def __init__(
        self,
        database: Database,
        clock: Clock,
        conversations: Conversations,
        language: str | None = None,
        channel: str = "terminal",
        visitor: str = "visitor",
    ) -> None:
        self.visitor = visitor
        self.account = f"{channel}:script"
        self._channel = channel
        self._database = database
        self._clock = clock
        self.conversations = conversations
        self.who = Visitor(external_id=visitor, language=language)
        self._numbers = count(1)
        self._heard_up_to = 0

    async def say(self, messages: Sequence[Words]) -> None:
        now = self._clock.now()
        await self.handle(
            *(
                Said(visitor=self.who, at=now, message_id=said.id, text=said.text, attachments=said.attachments)
                for said in messages
            )
        )

    async def press(self, message_id: str, button: str) -> None:
        await self.handle(Pressed(visitor=self.who, at=self._clock.now(), message_id=message_id, button=button))

    async def edit(self, message_id: str, text: str) -> None:
        await self.handle(Edited(visitor=self.who, at=self._clock.now(), message_id=message_id, text=text))

    async def see(self, seq: int) -> None:
        await self.handle(Seen(visitor=self.who, at=self._clock.now(), seq=seq))

    async def block(self, reason: str) -> None:
        event = Reachability(visitor=self.who, at=self._clock.now(), reachable=False, reason=reason)
        await self.handle(event)

    async def hear(self) -> list[Heard]:
        async with self._database.read() as session:
            conversation = await repository.find_conversation(session, self.account, self.visitor)
            if conversation is None:
                return []
            messages = await repository.list_messages(session, conversation.id, self._heard_up_to)
        self._heard_up_to = max([self._heard_up_to, *(message.seq for message in messages)])
        return [as_heard(message) for message in messages if message.author is not Author.CUSTOMER]

    async def handle(self, *events: Event) -> tuple[Message, ...]:
        """Receives the events, claims them and gives them to the engine as one batch."""
        return await self.conversations.handle(await self.claim(*events))

    async def claim(self, *events: Event, lane: str | None = None) -> Batch:
        """Receives the events and claims them, as a lane's worker does; `lane`: not the visitor's own."""
        now = self._clock.now()
        claim = f"{self.visitor} {next(self._numbers)}"
        async with self._database.write() as session:
            await repository.ensure_account(session, self.account, self._channel, now)
            for event in events:
                await inbox.receive(
                    session,
                    account=self.account,
                    external_id=f"{self.visitor} {next(self._numbers)}",
                    lane=lane or self.visitor,
                    raw=event.model_dump(mode="json"),
                    now=now,
                )
            rows = await inbox_rows.claim_lanes(session, claim, 8, now, now + timedelta(minutes=1))
        items = [Item(row.id, row.external_id, event, now) for row, event in zip(rows, events, strict=True)]
        return Batch(self.account, lane or self.visitor, tuple(items), claim)


def as_heard(message: Message) -> Heard:
    text = POLICIES.codes.reveal(message.text)
    return Heard(message.author, message.name, text, tuple(message.buttons), message.article)

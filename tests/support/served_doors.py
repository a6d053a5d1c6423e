"""Doors of the running program for conversation scripts: a push channel, the terminal, HTTP, the web chat."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.bootstrap.services import Services, decode_own
from bot.terminal.chat import TerminalChat
from conversations import channels, inbox, repository
from conversations.deliveries import Outcome, SendJob, Sent
from conversations.inbox import InboxLoop
from conversations.models import Delivery, InboxEvent
from conversations.outbox import OutboxLoop
from conversations.values import (
    Attachment,
    AttachmentKind,
    Author,
    Button,
    DeliveryKind,
    DeliveryState,
    Edited,
    Event,
    InboxState,
    Pressed,
    Said,
    Visitor,
)
from core.database import Database
from core.files import FolderStore
from tests.integration.api.test_uploads import PDF
from tests.support.doors import Heard, Words
from tests.support.policies import POLICIES, admission
from tests.support.web_visitor import WebVisitor, browser
from tests.unit.conversations.test_media import picture

#: What no file is. A recording that is uploaded is a sound, not a message by voice.
_NO_FILES = frozenset({"voice", "sticker", "location", "contact"})
#: Uploaded for the script's lines: what a file is, its bytes tell.
_FILES = {
    AttachmentKind.PHOTO: ("photo.jpg", picture()),
    AttachmentKind.VIDEO: ("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(40)),
    AttachmentKind.DOCUMENT: ("bill.pdf", PDF),
}
_PATIENCE = 20.0
_LOOK = 0.05
_BUTTON = re.compile(r"^  (\d+)\. (.*)$", re.MULTILINE)


class RecordingSender:
    """Takes every delivery, and keeps it."""

    def __init__(self) -> None:
        self.jobs: list[SendJob] = []

    async def send(self, job: SendJob) -> Outcome:
        self.jobs.append(job)
        return Sent(f"sent-{job.id}")


PUSH_ACCOUNT = "test:script"


@asynccontextmanager
async def serving(services: Services, sender: RecordingSender) -> AsyncIterator[None]:
    """The inbox and the outbox at work."""
    decoders = dict.fromkeys((channels.WEB, channels.HTTP, channels.TERMINAL, channels.TEST), decode_own)
    senders = {PUSH_ACCOUNT: sender}
    gate = admission(services.policies)
    loops = (
        InboxLoop(services.database, services.clock, decoders, services.conversations.handle, services.worker_id),
        OutboxLoop(services.database, services.clock, senders, services.worker_id, admission=gate),
    )
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        for loop in loops:
            loop.stop()
        await asyncio.gather(*tasks)


async def settled(database: Database) -> None:
    """Returns once nothing waits in the inbox or the outbox."""
    with database.signals.subscribe("messages", "outbox", "inbox") as news:
        async with asyncio.timeout(_PATIENCE):
            while await _unfinished(database):
                await news.wait(_LOOK)


async def _unfinished(database: Database) -> int:
    events = select(func.count()).where(InboxEvent.state.in_((InboxState.PENDING, InboxState.WORKING)))
    waiting = (DeliveryState.PENDING, DeliveryState.SENDING)
    deliveries = select(func.count()).where(Delivery.state.in_(waiting))
    async with database.read() as session:
        return (await session.scalar(events) or 0) + (await session.scalar(deliveries) or 0)


class PushDoor:
    """A push channel: events into the inbox, answers out of the outbox."""

    lacks = frozenset({"article"})
    account = PUSH_ACCOUNT
    visitor = "visitor"

    def __init__(self, services: Services, sender: RecordingSender, language: str | None) -> None:
        self._services = services
        self._sender = sender
        self._who = Visitor(external_id=self.visitor, language=language)
        self._numbers = count(1)
        self._heard = 0

    async def say(self, messages: Sequence[Words]) -> None:
        now = self._services.clock.now()
        await self._receive(
            *(
                Said(visitor=self._who, at=now, message_id=said.id, text=said.text, attachments=said.attachments)
                for said in messages
            )
        )

    async def press(self, message_id: str, button: str) -> None:
        now = self._services.clock.now()
        await self._receive(Pressed(visitor=self._who, at=now, message_id=message_id, button=button))

    async def edit(self, message_id: str, text: str) -> None:
        now = self._services.clock.now()
        await self._receive(Edited(visitor=self._who, at=now, message_id=message_id, text=text))

    async def _receive(self, *events: Event) -> None:
        now = self._services.clock.now()
        async with self._services.database.write() as session:
            await repository.ensure_account(session, self.account, channels.TEST, now)
            for event in events:
                await inbox.receive(
                    session,
                    account=self.account,
                    external_id=f"update {next(self._numbers)}",
                    lane=self.visitor,
                    raw=event.model_dump(mode="json"),
                    now=now,
                )
        await settled(self._services.database)

    async def hear(self) -> list[Heard]:
        await settled(self._services.database)
        jobs, self._heard = self._sender.jobs[self._heard :], len(self._sender.jobs)
        return _by_message(jobs)


def _by_message(jobs: Sequence[SendJob]) -> list[Heard]:
    """The parts of a message put together again."""
    together: dict[int | None, list[SendJob]] = {}
    for job in jobs:
        together.setdefault(job.message_id, []).append(job)
    return [_as_heard(parts) for parts in together.values()]


def _as_heard(parts: Sequence[SendJob]) -> Heard:
    """As the channel's sender sends it."""
    kept = "".join(str(job.payload.get("text", "")) for job in parts)
    text = POLICIES.codes.reveal(kept).replace("• ", "- ")
    buttons = tuple(Button.model_validate(button) for button in parts[-1].payload.get("buttons", ()))
    if parts[0].kind is not DeliveryKind.AGENT_REPLY:
        return Heard(Author.BOT, None, text, buttons)
    author_line, _, words = text.partition("\n")
    return Heard(Author.AGENT, author_line.partition("（")[0].partition(" (")[0], words, buttons)


class TerminalDoor:
    """`kefu chat`: lines in, lines out; a number presses a button."""

    lacks = _NO_FILES | {
        *("photo with words", "album", "article", "together", "press old", "edit", "take back", "repeat"),
        *("client", "kept", "programme"),
    }
    account = "terminal"
    visitor = "visitor"

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._written: list[str] = []
        self._folder = services.settings.data_dir
        files = FolderStore(self._folder / "files")
        self._chat = TerminalChat(
            services.database, services.clock, files, services.policies.codes, self.visitor, self._written.append
        )
        self._has_begun = False

    async def say(self, messages: Sequence[Words]) -> None:
        if not self._has_begun:
            await self._chat.begin()
            self._has_begun = True
        for said in messages:
            for attachment in said.attachments:
                name, data = _FILES[attachment.kind]
                path = self._folder / name
                path.write_bytes(data)
                await self._chat.say(f"/file {path}")
            if said.text or not said.attachments:
                await self._chat.say(said.text)

    async def press(self, message_id: str, button: str) -> None:
        await self._chat.say(button)

    async def edit(self, message_id: str, text: str) -> None:
        raise NotImplementedError("a line that was sent stays")

    async def hear(self) -> list[Heard]:
        await settled(self._database)
        await self._chat.show_new()
        written = list(self._written)
        self._written.clear()
        return [self._read(block) for block in written]

    @staticmethod
    def _read(block: str) -> Heard:
        name, _, words = block.partition(": ")
        buttons = tuple(Button(id=number, label=label) for number, label in _BUTTON.findall(words))
        text = _BUTTON.sub("", words).rstrip("\n")
        return Heard(Author.BOT if name == "Kefu" else Author.AGENT, name, text, buttons)


async def _upload(client: httpx.AsyncClient, path: str, attachment: Attachment) -> str:
    """The id of a file like the script's."""
    response = await client.post(path, files={"file": _FILES[attachment.kind]})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def _from_frame(message: dict[str, Any]) -> Heard:
    buttons = tuple(Button.model_validate(button) for button in message["buttons"])
    return Heard(Author(message["author"]), message["name"], message["text"], buttons)


class HttpDoor:
    """Another system posts its customer's messages and reads the conversation."""

    lacks = _NO_FILES | {"article", "together", "flood", "edit", "take back", "visitor"}
    visitor = "visitor"

    def __init__(self, database: Database, client: httpx.AsyncClient, name: str, language: str | None) -> None:
        self.account = f"http:{name}"
        self._database = database
        self._client = client
        self._language = language
        self._conversation: int | None = None
        self._after = 0

    async def say(self, messages: Sequence[Words]) -> None:
        for said in messages:
            ids = [await _upload(self._client, "/api/v1/files", each) for each in said.attachments]
            await self._post(said.id, text=said.text, **({"attachments": ids} if ids else {}))

    async def press(self, message_id: str, button: str) -> None:
        await self._post(message_id, button=button)

    async def edit(self, message_id: str, text: str) -> None:
        raise NotImplementedError("the contract knows no edit")

    async def _post(self, message_id: str, **said: Any) -> None:
        body: dict[str, Any] = {"customer": self.visitor, "message_id": message_id, **said}
        if self._language is not None:
            body["language"] = self._language
        response = await self._client.post("/api/v1/messages", json=body)
        assert response.status_code == 200, response.text
        self._conversation = response.json()["conversation"]

    async def hear(self) -> list[Heard]:
        await settled(self._database)
        if self._conversation is None:
            return []
        address = f"/api/v1/conversations/{self._conversation}/messages"
        messages = (await self._client.get(address, params={"after": self._after})).json()["items"]
        self._after = max([self._after, *(message["seq"] for message in messages)])
        return [_from_frame(message) for message in messages if message["author"] != "customer"]


class WebDoor:
    """A browser's socket. `visitor` is known once its session is open."""

    lacks = _NO_FILES | {"article", "together", "flood", "edit", "take back"}
    account = "web"

    def __init__(self, services: Services, browser: WebVisitor, visitor: str) -> None:
        self.visitor = visitor
        self._services = services
        self._browser = browser
        self._heard = 0

    async def say(self, messages: Sequence[Words]) -> None:
        for said in messages:
            async with browser(self._browser.url, self._browser.token) as client:
                ids = [await _upload(client, "/chat/files", each) for each in said.attachments]
            await self._browser.send(type="said", id=said.id, text=said.text, attachments=ids)
            await self._is_back(said.id)

    async def press(self, message_id: str, button: str) -> None:
        await self._browser.send(type="pressed", id=message_id, button=button)
        await self._is_back(message_id)

    async def edit(self, message_id: str, text: str) -> None:
        raise NotImplementedError("the socket knows no edit")

    async def _is_back(self, message_id: str) -> None:
        """One's own words come back when they are in the timeline."""
        await self._browser.until(lambda seen: any(frame["message_id"] == message_id for frame in seen.messages))

    async def hear(self) -> list[Heard]:
        await settled(self._services.database)
        async with self._services.database.read() as session:
            conversation = await repository.get_conversation(session, self._browser.conversation)
        await self._browser.until(lambda seen: seen.after >= conversation.last_seq)
        messages = self._browser.messages
        new, self._heard = messages[self._heard :], len(messages)
        return [_from_frame(frame) for frame in new if frame["author"] != "customer"]

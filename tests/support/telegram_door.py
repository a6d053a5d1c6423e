"""The Telegram door for conversation scripts: what a person does in Telegram, through a real line, polled or posted."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.telegram.buttons import ButtonPress, read_press
from conversations import formatted
from conversations.batches import Handler
from conversations.formatted import FormattedText
from conversations.markup import write_markup
from conversations.texts import LANGUAGES, Texts
from conversations.values import AttachmentKind, Author, Button
from core.database import Database
from core.settings import TelegramMode
from tests.support.doors import Heard, Words
from tests.support.policies import admission
from tests.support.telegram_bot import ACCOUNT, BotPlan, RunningBot, RunningClock, running_bot
from tests.telegram_server.log import Delivery
from tests.telegram_server.people import Done, Person, bot_command
from tests.telegram_server.server import TelegramServer

CUSTOMER = 71
_LINES = [re.escape(Texts.shipped().by_key["desk.author"][language]) for language in LANGUAGES]
_AUTHOR_LINES = [re.compile("(?s)" + line.replace(r"\{name\}", "(.+?)") + "\n(.*)") for line in _LINES]


class TelegramScriptDoor:
    """One customer in Telegram. `lacks`: nobody can send an empty edit there, and articles are not shown.

    Posts of a chat come one by one; where several are to be read together, they are half a minute late, as after an
    outage.
    """

    account = ACCOUNT
    visitor = str(CUSTOMER)
    lacks = frozenset({"take back", "article"})

    def __init__(self, server: TelegramServer, bot: RunningBot, clock: RunningClock, person: Person) -> None:
        self._server = server
        self._bot = bot
        self._clock = clock
        self._person = person
        self._sent: dict[str, Done] = {}
        self._heard = 0

    async def say(self, messages: Sequence[Words]) -> None:
        for words in messages:
            self._say(words, seconds_ago=30 if len(messages) > 1 else 0)
        await self._handled()

    def _say(self, words: Words, seconds_ago: int) -> None:
        if known := self._sent.get(words.id):
            self._server.inject({"message": known.message})
        elif len(words.attachments) > 1:
            contents = [b"photo"] * len(words.attachments)
            self._sent[words.id] = self._person.sends_album(contents, words.text)[0]
        elif words.attachments:
            self._sent[words.id] = self._attach(words.attachments[0].kind, words.text)
        elif words.text:
            written = self._server.world.date() - seconds_ago
            self._sent[words.id] = self._person.sends({"text": words.text, "date": written} | bot_command(words.text))
        else:
            self._sent[words.id] = self._person.sends({"story": {}})

    def _attach(self, kind: AttachmentKind, text: str) -> Done:
        if kind is AttachmentKind.LOCATION:
            return self._person.sends_location(30.25, 120.17)
        if kind is AttachmentKind.CONTACT:
            return self._person.sends_contact("+8613800138000", own=False)
        return self._person.sends_file(kind.value, caption=text)

    async def press(self, message_id: str, button: str) -> None:
        self._person.presses(ButtonPress(button=button).pack())
        await self._handled()

    async def edit(self, message_id: str, text: str) -> None:
        self._person.edits(self._sent[message_id].message_id, text)
        await self._handled()

    async def hear(self) -> list[Heard]:
        await self._bot.idle()
        told = list(self._server.log.messages(CUSTOMER))
        new, self._heard = told[self._heard :], len(told)
        return [_as_heard(delivery) for delivery in new]

    async def _handled(self) -> None:
        assert await self._server.updates.drained(10)
        self._clock.advance(2)  # what belongs together has been waited for
        await self._bot.idle()


def _as_heard(delivery: Delivery) -> Heard:
    text = _in_markup(delivery)
    for line in _AUTHOR_LINES:
        if said := line.fullmatch(text):
            return Heard(Author.AGENT, said[1], said[2])
    return Heard(Author.BOT, None, text, _buttons(delivery))


def _in_markup(delivery: Delivery) -> str:
    marks = delivery.message.get("entities", [])
    entities = tuple(formatted.Entity(e["type"], e["offset"], e["length"], e.get("url")) for e in marks)
    return re.sub("^• ", "- ", write_markup(FormattedText(delivery.text, entities)), flags=re.MULTILINE)


def _buttons(delivery: Delivery) -> tuple[Button, ...]:
    rows = delivery.message.get("reply_markup", {}).get("inline_keyboard", [])
    return tuple(Button(id=read_press(each["callback_data"]), label=each["text"]) for row in rows for each in row)


@asynccontextmanager
async def telegram_script_door(
    database: Database, clock: RunningClock, engine: Handler, folder: Path, mode: TelegramMode, language: str | None
) -> AsyncIterator[TelegramScriptDoor]:
    """The door, on a server and a bot of its own."""
    async with TelegramServer(clock) as server:
        server.world.webhook.retry_after = 0.02
        plan = BotPlan(mode, clock=clock, admission=admission())
        async with running_bot(server, database, engine, folder, plan) as bot:
            person = server.customer(CUSTOMER, "Anna", language or "")
            yield TelegramScriptDoor(server, bot, clock, person)

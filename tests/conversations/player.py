"""Plays a script through a door and checks what is seen."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from conversations import repository
from conversations.desk import holding, speaking
from conversations.models import Conversation, Message
from conversations.texts import Texts
from conversations.values import Attachment, AttachmentKind, Author
from core.clock import Clock
from core.database import Database
from core.shop import read_shop, write_shop
from core.shop_facts import merge_facts
from staff.models import Agent
from staff.values import Actor, Role
from tests.conversations.back_office import BackOffice
from tests.conversations.known_people import KnownPeople
from tests.conversations.programmes import ProgrammeDesk
from tests.conversations.script import Line, Script, carried, text_pattern
from tests.support.clock import FakeClock
from tests.support.doors import Door, Heard, Words
from tests.support.knowledge import SteeredKnowledge
from tests.support.policies import POLICIES
from tickets.policy import Work

_KINDS = ("photo", "voice", "video", "document", "sticker", "location", "contact")


async def add_colleague(database: Database, clock: Clock) -> None:
    """Somebody who could come."""
    async with database.write() as session:
        session.add(Agent(name="Li", role=Role.AGENT, alias="小李", created_at=clock.now()))


def client_language(script: Script) -> str | None:
    """What the customer's telephone or browser is set to, where the script says so."""
    return next((line.words for line in script.lines if line.verb == "client"), None)


class Player:
    """One play of one script. `bot` lines take the next thing said; all that is said must be taken."""

    def __init__(self, database: Database, clock: Clock, door: Door, knowledge: SteeredKnowledge | None = None) -> None:
        self._database = database
        self._clock = clock
        self._door = door
        self._knowledge = knowledge
        self._language = "zh"
        self._sent = 0
        self._ids: dict[str, str] = {}
        self._unread: list[Heard] = []
        self._is_whole = True
        self._last: Heard | None = None
        self._seen: list[Heard] = []
        self._agent: Actor | None = None
        self._people = KnownPeople(database, clock, door)
        self._office = BackOffice(database, clock, door)
        self._programmes = ProgrammeDesk(database, clock, door)

    async def play(self, script: Script) -> None:
        lines = carried(script.lines, self._door.lacks)
        self._is_whole = len(lines) == len(script.lines)
        for line in lines:
            try:
                await self._do(line)
            except AssertionError as error:
                raise AssertionError(f"{script.name}.txt:{line.number}: {line.verb}: {line.words}\n{error}") from None
        assert not self._unread, f"{script.name}.txt: nobody expected {[heard.text for heard in self._unread]}"

    async def _do(self, line: Line) -> None:
        if line.verb in _KINDS:
            await self._attach(line.verb, line.words)
        else:
            await self._rows()[line.verb](line.words)

    def _rows(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {**self._setting_rows(), **self._talking_rows(), **self._programme_rows()}

    def _setting_rows(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {
            "language": self._speak,
            "client": self._ignore,
            "visitor": self._ignore,
            "shop": self._set_shop,
            "sample": self._load_sample,
            "staff": self._set_staff,
            "unsure": self._unsure,
        }

    def _talking_rows(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {
            "customer": self._customer,
            "together": self._together,
            "flood": self._flood,
            "album": self._album,
            "press": self._press,
            "press old": self._press_old,
            "edit": self._edit,
            "take back": self._take_back,
            "repeat": self._repeat,
            "take": self._take,
            "agent": self._reply,
            "hand back": self._hand_back,
            **{verb: self._office_does(act) for verb, act in self._office.acts().items()},
            "voucher": self._voucher,
            "grants": self._office.has_given,
            "ticket": self._office.has_ticket,
            "wait": self._wait,
            "forget": self._forget,
            "withdraw": self._set_shop,
            "bot": self._bot,
            "buttons": self._buttons,
            "article": self._article,
            "says": self._says,
            "says not": self._says_not,
            "silence": self._silence,
            "state": self._state,
            "unanswered": self._unanswered,
            "spoken": self._spoken,
            "heard from": self._heard_from,
            "kept": self._kept,
            "bought": self._people.buy,
            "recognised": self._people.recognise,
            "code": self._people.invite,
            "allows": self._people.allow,
            "tasks": self._people.has_task,
            "on file": self._people.has_on_file,
        }

    def _programme_rows(self) -> Mapping[str, Callable[[str], Awaitable[None]]]:
        return {
            "programme": self._office_does(self._programmes.write),
            "followed up": self._programmes.has_followed_up,
            "answered": self._programmes.has_answered,
        }

    # What is set before or between.

    async def _speak(self, language: str) -> None:
        self._language = language

    async def _ignore(self, _words: str) -> None:
        """Read before the script is played."""

    async def _set_shop(self, words: str) -> None:
        path, value = words.split("=", 1)
        async with self._database.write() as session:
            facts, _sample = await read_shop(session)
            changes = _shop_change(path.strip(), value)
            await write_shop(session, merge_facts(facts, changes), "script", self._clock.now())

    async def _load_sample(self, words: str) -> None:
        async with self._database.write() as session:
            facts, _sample = await read_shop(session)
            await write_shop(session, facts, "script", self._clock.now(), sample=words == "yes")

    async def _set_staff(self, words: str) -> None:
        async with self._database.write() as session:
            disabled_at = self._clock.now() if words == "none" else None
            people = update(Agent).where(Agent.role != Role.CHANNEL)
            await session.execute(people.values(disabled_at=disabled_at))

    async def _unsure(self, words: str) -> None:
        assert self._knowledge is not None
        text, keys = words.split(" = ")
        self._knowledge.be_unsure(text, keys.split())

    # What the customer does.

    async def _customer(self, words: str) -> None:
        words = words.replace("{code}", self._people.code)
        await self._send(Words(self._new_id(words), words))

    async def _together(self, words: str) -> None:
        await self._send(*(Words(self._new_id(text), text) for text in words.split(" | ")))

    async def _flood(self, words: str) -> None:
        number, _, text = words.partition(" ")
        for _ in range(int(number)):
            await self._door.say([Words(self._new_id(text), text)])
        await self._listen()

    async def _album(self, words: str) -> None:
        number, _, caption = words.partition(" ")
        photos = tuple(_file(AttachmentKind.PHOTO, f"{self._sent}-{n}") for n in range(int(number)))
        await self._send(Words(self._new_id(caption), caption, photos))

    async def _attach(self, kind: str, caption: str) -> None:
        attachment = _file(AttachmentKind(kind), str(self._sent))
        await self._send(Words(self._new_id(caption), caption, (attachment,)))

    async def _press(self, words: str) -> None:
        await self._press_on(self._last, words)

    async def _press_old(self, words: str) -> None:
        shown = [heard for heard in self._seen[:-1] if any(button.label == words for button in heard.buttons)]
        await self._press_on(shown[0] if shown else None, words)

    async def _press_on(self, heard: Heard | None, words: str) -> None:
        buttons = heard.buttons if heard else ()
        if words.isdecimal():
            chosen = [buttons[int(words) - 1]] if int(words) <= len(buttons) else []
        else:
            chosen = [button for button in buttons if button.label == words]
        assert chosen, f"there is no such button among {[button.label for button in buttons]}"
        self._tick()
        await self._door.press(self._new_id(words), chosen[0].id)
        await self._listen()

    async def _edit(self, words: str) -> None:
        before, after = words.split(" -> ")
        self._tick()
        await self._door.edit(self._ids[before], after)
        await self._listen()

    async def _take_back(self, words: str) -> None:
        self._tick()
        await self._door.edit(self._ids[words], "")
        await self._listen()

    async def _repeat(self, words: str) -> None:
        await self._door.say([Words(self._ids[words], words)])
        await self._listen()

    async def _send(self, *messages: Words) -> None:
        self._tick()
        await self._door.say(messages)
        await self._listen()

    def _new_id(self, text: str) -> str:
        self._sent += 1
        self._ids[text] = f"m{self._sent}"
        return self._ids[text]

    def _tick(self) -> None:
        """People take their time, so that no limit is met by chance."""
        if isinstance(self._clock, FakeClock):
            self._clock.advance(5)

    async def _listen(self) -> None:
        self._unread += await self._door.hear()

    # What staff and time do.

    async def _take(self, alias: str) -> None:
        self._agent = await self._find_agent(alias)
        conversation = await self._conversation()
        async with self._work() as work:
            await holding.take_conversation(work, self._agent, conversation.id)
        await self._listen()

    async def _reply(self, words: str) -> None:
        assert self._agent is not None
        conversation = await self._conversation()
        async with self._work() as work:
            await speaking.reply_in_conversation(work, self._agent, conversation.id, words)
        await self._listen()

    async def _hand_back(self, _words: str) -> None:
        assert self._agent is not None
        conversation = await self._conversation()
        async with self._work() as work:
            await holding.hand_back_conversation(work, self._agent, conversation.id)
        await self._listen()

    def _office_does(self, act: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
        async def do(words: str) -> None:
            await act(words)
            await self._listen()

        return do

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[Work]:
        async with self._database.write() as session:
            yield await POLICIES.work(session, self._clock.now(), self._agent.name if self._agent else "Li")

    async def _find_agent(self, alias: str, role: Role = Role.AGENT) -> Actor:
        async with self._database.write() as session:
            agent = (await session.scalars(select(Agent).where(Agent.alias == alias))).one_or_none()
            if agent is None:
                agent = Agent(name=f"agent {alias}", role=role, alias=alias, created_at=self._clock.now())
                session.add(agent)
                await session.flush()
            return Actor(agent.id, agent.name, agent.role, agent.alias)

    async def _wait(self, words: str) -> None:
        assert isinstance(self._clock, FakeClock)
        number, unit = words.split()
        self._clock.advance(timedelta(**{unit: int(number)}).total_seconds())

    async def _forget(self, _words: str) -> None:
        """What the bot remembers is overwritten with what no version of it can read."""
        async with self._database.write() as session:
            await session.execute(update(Conversation).values(state={"v": 99, "dialogue": "?"}))

    # What must be seen.

    async def _bot(self, words: str) -> None:
        assert self._unread, "nothing was said"
        self._pass_introduction(words)
        self._last = self._unread.pop(0)
        self._seen.append(self._last)
        assert self._last.author is Author.BOT, f"{self._last.name} said: {self._last.text}"
        for key in words.split():
            assert text_pattern(key, self._language).search(self._last.text), f"was said: {self._last.text}"

    def _pass_introduction(self, expected: str) -> None:
        """Where the first contact was left out the introduction comes with a later one."""
        is_new = text_pattern("intro.short", self._language).search(self._unread[0].text) is not None
        if is_new and not self._is_whole and "intro" not in expected and len(self._unread) > 1:
            self._unread.pop(0)

    async def _heard_from(self, words: str) -> None:
        assert self._unread, "nothing was said"
        self._last = self._unread.pop(0)
        name, _, text = words.partition(" ")
        assert (self._last.author, self._last.name) == (Author.AGENT, name), f"{self._last}"
        assert self._last.text == text

    async def _buttons(self, words: str) -> None:
        assert self._last is not None
        here_alone = Texts.shipped().by_key["button.find_by_phone"][self._language]  # where a channel can share it
        shown = [button.label for button in self._last.buttons if button.label != here_alone]
        assert " / ".join(shown) == words

    async def _article(self, words: str) -> None:
        assert self._last is not None
        assert self._last.article == words, f"the article was {self._last.article}"

    async def _says(self, words: str) -> None:
        assert self._last is not None
        assert words in self._last.text, f"was said: {self._last.text}"

    async def _voucher(self, _words: str) -> None:
        """The last message shows the code of the customer's newest voucher, in groups of four."""
        assert self._last is not None
        assert await self._office.newest_code() in self._last.text, f"was said: {self._last.text}"

    async def _says_not(self, words: str) -> None:
        assert self._last is not None
        assert words not in self._last.text

    async def _silence(self, _words: str) -> None:
        assert not self._unread, f"was said: {self._unread[0].text}"

    async def _state(self, words: str) -> None:
        assert (await self._conversation()).owner == words

    async def _unanswered(self, words: str) -> None:
        since = (await self._conversation()).unanswered_since
        assert (since is not None) == (words == "yes"), f"unanswered since {since}"

    async def _spoken(self, words: str) -> None:
        assert (await self._conversation()).language == words

    async def _kept(self, words: str) -> None:
        """The customer's own newest row: its words, with `[kind]` for each attachment."""
        conversation = await self._conversation()
        async with self._database.read() as session:
            own = select(Message).where(Message.conversation_id == conversation.id, Message.author == Author.CUSTOMER)
            message = (await session.scalars(own.order_by(Message.seq.desc()).limit(1))).one()
        kinds = [f"[{attachment.kind}]" for attachment in message.attachments]
        assert " ".join([*kinds, message.text]).strip() == words

    async def _conversation(self) -> Conversation:
        async with self._database.read() as session:
            found = await repository.find_conversation(session, self._door.account, self._door.visitor)
        assert found is not None, "there is no conversation"
        return found


def _file(kind: AttachmentKind, name: str) -> Attachment:
    """As a channel's decoder makes it."""
    return Attachment(kind=kind, remote_id=f"{kind.value} {name}", file_id=f"{kind.value}-{name}")


def _shop_change(path: str, value: str) -> dict[str, Any]:
    """`name.zh`, `privacy_url` or `texts.KEY.zh` as what `PATCH /shop` takes."""
    field, _, language = path.rpartition(".")
    if not field:
        return {language: value}
    name, _, key = field.partition(".")
    return {name: {key: {language: value}}} if key else {name: {language: value}}

"""What comes from a desk: words, commands and presses in its groups, commands in agents' own chats.

Each is one transaction with its effects; what is refused is answered with the reason, and is done with.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy import delete, select

from bot.telegram.desk import commands, groups, marks, rewording, speech, strangers, taps
from bot.telegram.desk.deeds import Deed, Reply, Unclear, refusal_text
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import drafts, post
from bot.telegram.desk.wording import Wording
from bot.telegram.models import DeskPost, DeskTopic, StrayGroup
from bot.telegram.presses import Acknowledger
from conversations import outbox
from conversations.batches import Batch, Item, LostClaim
from conversations.desk.drafts import Draft, best
from conversations.desk.errors import CaseMoved
from conversations.values import DeskPressed, DeskSaid, Edited, Pressed, Said
from core.database import ReadSession, WriteSession
from core.errors import KefuError
from staff import desks, linking
from staff.models import Agent
from tickets.policy import Work

log = structlog.get_logger(__name__)

_COMMAND = re.compile(r"/([A-Za-z]\w{0,31})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_TRIES = 3
#: Refused or not: below words of somebody who may not act.
_NOT_HEARD = "🤷"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command: its name in small letters, and the words after it."""

    name: str
    words: str


def read_command(text: str, bot_name: str) -> Typed | None:
    """None: no command, or one for another bot."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None or (match[2] and match[2].lower() != bot_name.lower()):
        return None
    return Typed(match[1].lower(), " ".join((match[3] or "").split()))


def is_for_another(text: str) -> bool:
    """What looks like a command and is none of ours: `read_command` has found none."""
    return _COMMAND.fullmatch(text.strip()) is not None


class DeskEar:
    """For one bot account."""

    def __init__(self, office: Office, presses: Acknowledger) -> None:
        self._office = office
        self._presses = presses
        self._bot_name = office.account.partition(":")[2]

    async def listens_to(self, item: Item) -> bool:
        """Whether it happened in a desk, or makes a group one."""
        event = item.event
        if not isinstance(event, DeskSaid | DeskPressed):
            return False
        typed = read_command(event.text, self._bot_name) if isinstance(event, DeskSaid) else None
        if typed is not None and typed.name == "desk":
            return True
        async with self._office.database.read() as session:
            return await groups.find(session, self._office.account, event.group) is not None

    async def takes(self, item: Item) -> bool:
        """Whether what is done in a private chat is done by somebody who works here, or makes them one who does."""
        event = item.event
        if not isinstance(event, Said | Edited | Pressed):
            return False
        if isinstance(event, Said) and _link_code(event) is not None:
            return True
        async with self._office.database.read() as session:
            who = event.visitor.external_id
            return await linking.find_agent(session, self._office.account, who) is not None

    async def hear(self, batch: Batch) -> None:
        """One thing that somebody did (`split_deeds`). Raises LostClaim."""
        items = batch.items
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._do(batch, items)
            except LostClaim:
                raise
            except CaseMoved as moved:
                if attempt == _TRIES:
                    return await self._refuse(batch, items[0], moved)
            except KefuError as refused:
                return await self._refuse(batch, items[0], refused)

    async def _do(self, batch: Batch, items: tuple[Item, ...]) -> None:
        event = items[0].event
        found = await self._search(event)
        async with self._office.database.write() as session:
            reply = await self._answer(session, items, found)
            await batch.complete(session, self._office.now())
        if isinstance(event, DeskPressed) and event.press:
            self._presses.answer(event.press, reply.toast if reply else None, stays=bool(reply and reply.stays))

    async def _search(self, event: object) -> tuple[Draft, ...]:
        """Articles for `/r WORDS`: before the transaction, since searching is slow."""
        typed = read_command(event.text, self._bot_name) if isinstance(event, DeskSaid) else None
        if typed is None or typed.name != "r" or not typed.words:
            return ()
        return await best(self._office.knowledge, typed.words, self._office.wording.language)

    async def _answer(self, session: WriteSession, items: tuple[Item, ...], found: tuple[Draft, ...]) -> Reply | None:
        event = items[0].event
        if isinstance(event, Said | Pressed):
            return await self._in_private(session, event)
        if isinstance(event, DeskPressed):
            return await self._pressed(session, event)
        said = [item.event for item in items if isinstance(item.event, DeskSaid)]
        return await self._said(session, said, found) if said else None

    # In a group.

    async def _said(self, session: WriteSession, said: Sequence[DeskSaid], found: tuple[Draft, ...]) -> Reply | None:
        first = said[0]
        typed = read_command(first.text, self._bot_name)
        if typed is not None and typed.name == "desk":
            return await self._claim(session, first, typed.words)
        await strangers.note(session, self._office.account, first, self._office.now())
        topic = await self._topic_of(session, first)
        has_words = bool(first.text.strip() or first.attachments)
        if not has_words or (typed is None and (topic is None or is_for_another(first.text))):
            return None
        agent = await self._agent(session, first)
        if agent is None:
            return await self._turn_away(session, first, topic)
        work = await self._office.policies.work(session, self._office.now(), agent.name)
        deed = Deed(
            self._office, work, agent, first.group, int(first.message_id), topic, _number(first.reply_to), found
        )
        reply = await self._heed(deed, said, typed)
        await self._say(session, deed.chat, deed.number, topic, reply, agent)
        return reply

    async def _heed(self, deed: Deed, said: Sequence[DeskSaid], typed: Typed | None) -> Reply | None:
        if typed is not None:
            return None if said[0].edits else await commands.run(deed, typed.name, typed.words)
        if said[0].edits:
            return await rewording.mend(deed, said[0].text)
        text = next((one.text for one in said if one.text), "")
        attachments = [each for one in said for each in one.attachments]
        return await speech.write(deed, text, attachments, [int(one.message_id) for one in said])

    async def _agent(self, session: ReadSession, event: DeskSaid | DeskPressed) -> Agent | None:
        if isinstance(event, DeskSaid) and event.anonymous:
            return None
        return await linking.find_agent(session, self._office.account, event.visitor.external_id)

    async def _turn_away(self, session: WriteSession, said: DeskSaid, topic: DeskTopic | None) -> Reply | None:
        """Whoever is not staff, or does not say who they are. Their later words within the hour are only marked."""
        if said.edits:
            return None
        key = "anonymous" if said.anonymous else "stranger"
        await marks.show(session, self._office, said.group, int(said.message_id), _NOT_HEARD)
        calls = post(said.group, self._office.wording.say(f"refused.{key}"), topic=topic, quotes=int(said.message_id))
        hour = int(self._office.now().timestamp()) // 3600
        reason = f"{key}:{said.group}:{said.visitor.external_id}:{hour}"
        await outbox.enqueue(session, *drafts(self._office.account, calls, reason, self._office.now()))
        return None

    async def _topic_of(self, session: ReadSession, said: DeskSaid) -> DeskTopic | None:
        """The case that the words are about: by their topic, in a plain group by what they answer."""
        here = (DeskTopic.account == self._office.account, DeskTopic.chat == said.group)
        if said.thread is not None:
            return await session.scalar(select(DeskTopic).where(*here, DeskTopic.thread == int(said.thread)))
        answered = _number(said.reply_to)
        return await self._topic_at(session, said.group, answered) if answered is not None else None

    async def _topic_at(self, session: ReadSession, group: str, number: int) -> DeskTopic | None:
        known = (DeskPost.account == self._office.account, DeskPost.chat == group, DeskPost.number == number)
        query = select(DeskTopic).join(DeskPost, DeskPost.topic_id == DeskTopic.id).where(*known)
        return await session.scalar(query)

    async def _pressed(self, session: WriteSession, pressed: DeskPressed) -> Reply | None:
        agent = await self._agent(session, pressed)
        if agent is None:
            return Reply(toast=self._office.wording.say("refused.stranger"), stays=True)
        number = int(pressed.message)
        topic = await self._topic_at(session, pressed.group, number)
        work = await self._office.policies.work(session, self._office.now(), agent.name)
        reply = await taps.tap(Deed(self._office, work, agent, pressed.group, number, topic), pressed.button)
        await self._say(session, pressed.group, number, topic, replace(reply, mark=None), agent)
        return reply

    async def _claim(self, session: WriteSession, said: DeskSaid, code: str) -> Reply | None:
        """`/desk CODE`: the code itself is the right to do it."""
        office, now = self._office, self._office.now()
        if not code:
            raise Unclear("needs_words", usage=office.wording.say("usage.desk"))
        agent = await linking.find_agent(session, office.account, said.visitor.external_id)
        by = agent.name if agent else (said.visitor.name or said.visitor.external_id)[:80]
        await desks.claim(
            session, code, account=office.account, chat=said.group, title=said.title[:200], by=by, now=now
        )
        of_group = (StrayGroup.account == office.account, StrayGroup.chat_id == said.group)
        await session.execute(delete(StrayGroup).where(*of_group))
        await groups.open_group(session, office.account, said.group, now)
        reply = Reply(office.wording.say("said.claimed"))
        await self._say(session, said.group, int(said.message_id), None, reply, agent)
        return reply

    # In an agent's own chat.

    async def _in_private(self, session: WriteSession, said: Said | Pressed) -> Reply | None:
        """Whoever works here is no customer: what is no command of the desk is answered with what works there."""
        office, account = self._office, self._office.account
        who = said.visitor.external_id
        number = _number(said.message_id.removeprefix("m")) or 0
        text = said.text if isinstance(said, Said) else ""
        code = _link_code(said) if isinstance(said, Said) else None
        if code is not None:
            agent = await linking.redeem(session, account, who, code, office.now())
            reply = Reply(office.wording_for(agent).say("said.linked", name=agent.alias or agent.name))
            await self._say(session, who, number, None, reply, agent)
            return reply
        found = await linking.find_agent(session, account, who)
        if found is None:
            return None
        typed = read_command(text, self._bot_name)
        reply = Reply(office.wording_for(found).say("said.staff_here"))
        if typed is not None and typed.name in commands.COMMANDS:
            work: Work = await office.policies.work(session, office.now(), found.name)
            reply = await commands.run(Deed(office, work, found, who, number, None), typed.name, typed.words)
        await self._say(session, who, number, None, reply, found)
        return reply

    # What is said back.

    async def _say(
        self, session: WriteSession, chat: str, number: int, topic: DeskTopic | None, reply: Reply | None,
        agent: Agent | None,
    ) -> None:  # fmt: skip
        if reply is None:
            return
        office, now = self._office, self._office.now()
        if reply.mark is not None:
            await marks.show(session, office, chat, number, reply.mark)
        if reply.text:
            calls = post(chat, reply.text, topic=topic, buttons=reply.buttons, quotes=number)
            if reply.held is not None and agent is not None:
                calls[-1] = calls[-1].model_copy(update={"held": reply.held, "by": agent.id})
            key = f"reply:{chat}:{number}:{now.timestamp()}"
            await outbox.enqueue(session, *drafts(office.account, calls, key, now, reply.customer_id))

    async def _refuse(self, batch: Batch, item: Item, refused: KefuError) -> None:
        """The event is done: what was wrong is said to whoever did it."""
        event, now = item.event, self._office.now()
        log.info("telegram.desk_refused", code=refused.code, detail=refused.detail)
        async with self._office.database.write() as session:
            who = event.visitor.external_id
            agent = await linking.find_agent(session, self._office.account, who)
            wording: Wording = self._office.wording_for(agent)
            text = refusal_text(refused, wording)
            if isinstance(event, DeskSaid):
                topic = await self._topic_of(session, event)
                await self._say(session, event.group, int(event.message_id), topic, Reply(text, mark="👎"), agent)
            elif isinstance(event, Said):
                await self._say(session, who, _number(event.message_id.removeprefix("m")) or 0, None, Reply(text), None)
            await batch.complete(session, now)
        if isinstance(event, DeskPressed) and event.press:
            self._presses.answer(event.press, text, stays=True)


def split_deeds(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """Each event alone; the parts of an album, which follow each other, together."""
    together: list[Item] = []
    for item in items:
        if together and not _is_one_album(together[-1], item):
            yield tuple(together)
            together = []
        together.append(item)
    if together:
        yield tuple(together)


def _is_one_album(one: Item, other: Item) -> bool:
    first, second = one.event, other.event
    if not isinstance(first, DeskSaid) or not isinstance(second, DeskSaid):
        return False
    return first.album is not None and first.album == second.album and not first.edits and not second.edits


def _link_code(said: Said) -> str | None:
    """The code of `/start staff_...`."""
    word = said.text.strip().removeprefix("/start").strip()
    return word if said.text.startswith("/start") and word.startswith(linking.PREFIX) else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None

"""The agents' group in Telegram as a surface of the desk: what people type and press there, and what they read back."""

from sqlalchemy import select

from bot.telegram.desk.wording import sentences
from bot.telegram.models import DeskPost
from conversations.desk_models import HeldReply
from conversations.models import Message
from conversations.values import Author
from tests.support.telegram_desk import GROUP, STAFF, TelegramFloor
from tests.telegram_server.people import Done
from tickets.repository import get_ticket

_CODES = {text: key.removeprefix("refused.") for key, text in sentences("zh").items() if key.startswith("refused.")}
_COMMANDS = {
    "take": "/take", "undo": "/unsend", "assign": "/assign", "ask": "/ask", "escalate": "/escalate",
    "hand-back": "/back", "pending": "/pending", "merge": "/merge", "resolve": "/resolve", "away": "/away",
    "online": "/online", "block": "/block", "unblock": "/unblock",
}  # fmt: skip


class GroupDesk:
    """`lacks`: in the group everybody's notes are welcome."""

    lacks = frozenset({"remark"})

    def __init__(self, floor: TelegramFloor) -> None:
        self._floor = floor

    async def do(self, who: str, deed: str, number: int, words: str) -> str | None:
        await self._floor.settled()
        if deed in _COMMANDS:
            return self._refusal(await self._floor.types(who, f"{_COMMANDS[deed]} {words}".strip(), number))
        match deed:
            case "note":
                return self._refusal(await self._floor.types(who, f"。{words}", number))
            case "write":
                return self._refusal(await self._floor.types(who, words, number))
            case "reply":
                return await self._reply(who, number, words)
            case "edit":
                return await self._edit(who, *words.split(" -> "))
        return await self._unsend(who, number, words)

    async def _reply(self, who: str, number: int, words: str) -> str | None:
        """The assignee writes; anybody else has to send what became a note."""
        done = await self._floor.types(who, words, number)
        refused = self._refusal(done)
        if refused is None and not await self._is_theirs(who, number):
            toast = await self._floor.presses(who, "发给顾客")
            refused = _CODES.get(toast)
        await self._floor.later()
        return refused

    async def _is_theirs(self, who: str, number: int) -> bool:
        async with self._floor.database.read() as session:
            ticket = await get_ticket(session, number)
            held = select(HeldReply.id).where(HeldReply.agent_id == ticket.assignee_id)
            has_written = await session.scalar(held.limit(1)) is not None
        names = [name for name, *_ in STAFF]
        return has_written and ticket.assignee_id == names.index(who) + 1

    async def _edit(self, who: str, old: str, new: str) -> str | None:
        """Telegram lets nobody change others' words."""
        number, writer = await self._find(old)
        if writer != who:
            return "not_own_reply"
        self._floor.people[who].edits(number, new)
        await self._floor.settled()
        return None

    async def _unsend(self, who: str, number: int, words: str) -> str | None:
        written, _writer = await self._find(words)
        return self._refusal(await self._floor.types(who, "/unsend", number, reply_to=written))

    async def _find(self, text: str) -> tuple[int, str]:
        """Where an agent's message with these words stands in the group, and whose it is."""
        async with self._floor.database.read() as session:
            said = select(Message).where(Message.author == Author.AGENT, Message.text == text)
            message = (await session.scalars(said.order_by(Message.id.desc()).limit(1))).one()
            first = message.replaces_id or message.id
            query = select(DeskPost).join(HeldReply, HeldReply.id == DeskPost.held_id)
            post = (await session.scalars(query.where(HeldReply.message_id == first))).one()
        writer = next(name for name, alias, *_ in STAFF if alias == message.name)
        return post.number, writer

    def _refusal(self, done: Done) -> str | None:
        """The code of what the bot said back to a message, if it was refused."""
        for shown in self._floor.server.screen(GROUP):
            answers = shown.get("reply_to_message", {}).get("message_id") == done.message_id
            if answers and shown.get("text") in _CODES:
                return _CODES[shown["text"]]
        return None

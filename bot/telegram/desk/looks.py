"""Looks at a group's switches, says what is missing, and tells Telegram the commands that work there."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from aiogram.exceptions import AiogramError
from aiogram.methods import GetChat, GetChatMember, SetMyCommands
from aiogram.types import BotCommand, BotCommandScopeChat

from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import drafts, post
from bot.telegram.desk.rights import Rights, lacks_of
from bot.telegram.models import DeskGroup
from conversations import outbox

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=10)
#: In the order in which the menu shows them.
COMMANDS = (
    "take", "next", "my", "due", "find", "r", "assign", "handover", "ask", "escalate", "pending", "hold", "snooze",
    "offer", "wrong", "undo", "unsend", "back", "merge", "resolve", "block", "away", "online", "redeem",
)  # fmt: skip


async def look(office: Office, group: DeskGroup) -> None:
    """Notes whether a case gets a topic there. What is newly missing is said in the group, with its switch."""
    is_first = group.looked_at is None
    try:
        chat = await office.bot(GetChat(chat_id=int(group.chat)))
        member = await office.bot(GetChatMember(chat_id=int(group.chat), user_id=office.bot.id))
    except AiogramError as error:
        log.warning("telegram.desk_not_looked_at", chat=group.chat, error=type(error).__name__)
        rights = None
    else:
        rights = Rights.of(chat, member)
    lacks = lacks_of(rights) if rights else group.lacks
    async with office.database.write() as session:
        row = await session.get(DeskGroup, group.id, with_for_update=True, populate_existing=True)
        if row is None:
            return
        row.looked_at = office.now()
        if rights is not None:
            row.has_topics = rights.may_open_topics
            if lacks and sorted(lacks) != sorted(row.lacks):
                key = f"lacks:{row.id}:{office.now().timestamp()}"
                await outbox.enqueue(session, *drafts(row, post(row.chat, _said(office, lacks)), key, office.now()))
            row.lacks = list(lacks)
    if is_first and rights is not None:
        await _show_commands(office, group)


def _said(office: Office, lacks: Sequence[str]) -> str:
    lines = [office.wording.say(f"said.lacks_{lack}") for lack in lacks]
    return "\n".join([office.wording.say("said.lacks"), *(f"- {line}" for line in lines)])


async def _show_commands(office: Office, group: DeskGroup) -> None:
    commands = [BotCommand(command=name, description=office.wording.say(f"command.{name}")) for name in COMMANDS]
    try:
        await office.bot(SetMyCommands(commands=commands, scope=BotCommandScopeChat(chat_id=int(group.chat))))
    except AiogramError as error:
        log.info("telegram.desk_commands_not_shown", chat=group.chat, error=type(error).__name__)

"""The menu that agents find in their own chat with the bot: what works there, in place of the customers' one."""

import structlog
from aiogram.exceptions import AiogramError
from aiogram.methods import DeleteMyCommands, SetMyCommands
from aiogram.methods.base import TelegramMethod
from aiogram.types import BotCommand, BotCommandScopeChat
from sqlalchemy import select

from bot.telegram.desk import commands
from bot.telegram.desk.looks import COMMANDS
from bot.telegram.desk.office import Office
from staff.models import Agent, AgentAddress

log = structlog.get_logger(__name__)

PRIVATE = tuple(name for name in COMMANDS if commands.COMMANDS[name].anywhere)


class Menus:
    """Tells Telegram what is new, and all of it after a start."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._shown: dict[str, str | None] = {}

    async def show_due(self) -> None:
        """Who works here no more has the customers' menu again."""
        async with self._office.database.read() as session:
            query = select(AgentAddress.external_id, Agent).join(Agent, Agent.id == AgentAddress.agent_id)
            rows = (await session.execute(query.where(AgentAddress.account == self._office.account))).all()
        for chat, agent in rows:
            language = None if agent.disabled_at is not None else self._office.wording_for(agent).language
            if chat not in self._shown or self._shown[chat] != language:
                # What Telegram refuses is tried again after the next start.
                self._shown[chat] = language
                await self._show(chat, agent, has_menu=language is not None)

    async def _show(self, chat: str, agent: Agent, *, has_menu: bool) -> None:
        scope = BotCommandScopeChat(chat_id=int(chat))
        wording = self._office.wording_for(agent)
        menu = [BotCommand(command=name, description=wording.say(f"command.{name}")) for name in PRIVATE]
        call: TelegramMethod[bool]
        call = SetMyCommands(commands=menu, scope=scope) if has_menu else DeleteMyCommands(scope=scope)
        try:
            await self._office.bot(call)
        except AiogramError as error:
            log.info("telegram.menu_not_shown", agent=agent.name, error=type(error).__name__)

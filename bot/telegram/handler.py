"""A lane's batch: what customers say goes to the engine, what happens in groups to the groups."""

from aiogram import Bot

from bot.telegram.at_work import typing_shown
from bot.telegram.groups import Groups
from conversations.batches import Batch, Handler
from conversations.incoming_files import FetchingBatch
from conversations.values import InGroup


class TelegramHandler:
    """The `Handler` of one bot account. `engine` answers customers."""

    def __init__(self, bot: Bot, engine: Handler, groups: Groups) -> None:
        self._bot = bot
        self._engine = engine
        self._groups = groups

    async def __call__(self, batch: Batch) -> object:
        if any(isinstance(item.event, InGroup) for item in batch.items):
            await self._groups.handle(batch)
            return None
        async with typing_shown(self._bot, int(batch.items[-1].event.visitor.external_id)):
            return await self._engine(FetchingBatch.of(batch))

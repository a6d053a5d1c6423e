"""A lane's batch: customers' words go to the engine, what happens in groups to the desk, or to whoever leaves it."""

from dataclasses import replace

from aiogram import Bot

from bot.telegram.at_work import typing_shown
from bot.telegram.desk.hearing import DeskEar, split_deeds
from bot.telegram.groups import Groups
from conversations.batches import Batch, Handler, Item
from conversations.incoming_files import FetchingBatch
from conversations.values import DeskPressed, DeskSaid, InGroup


class TelegramHandler:
    """The `Handler` of one bot account. `engine` answers customers, `desk` agents; without a desk groups are left."""

    def __init__(self, bot: Bot, engine: Handler, groups: Groups, desk: DeskEar | None = None) -> None:
        self._bot = bot
        self._engine = engine
        self._groups = groups
        self._desk = desk

    async def __call__(self, batch: Batch) -> object:
        if any(isinstance(item.event, InGroup | DeskSaid | DeskPressed) for item in batch.items):
            await self._in_group(batch)
            return None
        if self._desk is None:
            return await self._of_customer(batch)
        return await self._in_private(batch, self._desk)

    async def _in_group(self, batch: Batch) -> None:
        """One thing after the other, since the first may make the group a desk."""
        for items in split_deeds(batch.items):
            part = replace(batch, items=items)
            if self._desk is not None and await self._desk.listens_to(items[0]):
                await self._desk.hear(part)
            else:
                await self._groups.handle(part)

    async def _in_private(self, batch: Batch, desk: DeskEar) -> object:
        """Whoever works here is no customer; a code that is brought on the way makes somebody one who does."""
        said: list[Item] = []
        for item in batch.items:
            if not await desk.takes(item):
                said.append(item)
                continue
            await self._of_customer(replace(batch, items=tuple(said)))
            said.clear()
            await desk.hear(replace(batch, items=(item,)))
        return await self._of_customer(replace(batch, items=tuple(said)))

    async def _of_customer(self, batch: Batch) -> object:
        if not batch.items:
            return None
        async with typing_shown(self._bot, int(batch.items[-1].event.visitor.external_id)):
            return await self._engine(FetchingBatch.of(batch))

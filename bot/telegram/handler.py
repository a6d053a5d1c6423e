"""A lane's batch: customers' words go to the engine, what happens in groups to the desk, or to whoever leaves it."""

from dataclasses import replace
from itertools import groupby

from aiogram import Bot

from bot.telegram.at_work import typing_shown
from bot.telegram.desk.hearing import DeskEar, split_deeds
from bot.telegram.groups import Groups
from conversations.batches import Batch, Handler
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
        if self._desk is not None and await self._desk.finds_agent(batch):
            await self._of_agent(batch, self._desk)
            return None
        return await self._of_customer(batch)

    async def _in_group(self, batch: Batch) -> None:
        """One thing after the other, since the first may make the group a desk."""
        for items in split_deeds(batch.items):
            part = replace(batch, items=items)
            if self._desk is not None and await self._desk.listens_to(items[0]):
                await self._desk.hear(part)
            else:
                await self._groups.handle(part)

    async def _of_agent(self, batch: Batch, desk: DeskEar) -> None:
        for is_for_desk, items in groupby(batch.items, key=desk.is_for_desk):
            if not is_for_desk:
                await self._of_customer(replace(batch, items=tuple(items)))
                continue
            for item in items:
                await desk.hear(replace(batch, items=(item,)))

    async def _of_customer(self, batch: Batch) -> object:
        async with typing_shown(self._bot, int(batch.items[-1].event.visitor.external_id)):
            return await self._engine(FetchingBatch.of(batch))

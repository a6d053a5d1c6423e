"""Shows "typing ..." in a chat while its messages are being worked on, if that takes longer than a moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from core.tasks import end

log = structlog.get_logger(__name__)

#: Most answers are quicker than this.
AFTER_SECONDS = 0.5
#: Telegram shows it for five seconds.
AGAIN_SECONDS = 4.5


@asynccontextmanager
async def typing_shown(bot: Bot, chat_id: int) -> AsyncIterator[None]:
    """Shows that somebody writes, from a moment after the beginning of the block to its end."""
    task = asyncio.create_task(_keep_typing(bot, chat_id))
    try:
        yield
    finally:
        await end(task)


async def _keep_typing(bot: Bot, chat_id: int) -> None:
    await asyncio.sleep(AFTER_SECONDS)
    while True:
        try:
            await bot.send_chat_action(chat_id, "typing")
        except AiogramError as error:
            log.info("telegram.typing_not_shown", error=type(error).__name__)
            return
        await asyncio.sleep(AGAIN_SECONDS)

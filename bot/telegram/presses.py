"""Presses are acknowledged at once, outside the outbox: until then the button shows that it is busy."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

log = structlog.get_logger(__name__)

_AT_ONCE = 50
#: Of the words that an acknowledgement may carry.
_LONGEST = 200


class Acknowledger:
    """Nothing hangs on it: a press that cannot be acknowledged is answered in the chat all the same."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    def acknowledge(self, presses: list[str]) -> None:
        for press in presses:
            self.answer(press)

    def answer(self, press: str, words: str | None = None, *, stays: bool = False) -> None:
        """With `words` for whoever pressed, in passing, or until they close them (`stays`)."""
        if len(self._tasks) < _AT_ONCE:
            task = asyncio.create_task(self._answer(press, words and words[:_LONGEST], stays))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, press: str, words: str | None, stays: bool) -> None:
        try:
            await self._bot.answer_callback_query(press, text=words, show_alert=stays or None)
        except (AiogramError, UnicodeError) as error:  # UnicodeError: half a character in the press's id
            log.info("telegram.press_not_acknowledged", error=type(error).__name__)

"""Long polling by the one process that has the lease: fetch, store, commit, and only then confirm."""

import re
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.telegram.backoff import Backoff
from bot.telegram.intake import Intake
from bot.telegram.presses import Acknowledger
from bot.telegram.raw_updates import GetRawUpdates, find_update_id
from core.clock import Clock

log = structlog.get_logger(__name__)

#: How long Telegram keeps an empty poll open, and how long after that no answer means none. Seconds.
POLL_SECONDS = 25
_ANSWER_SECONDS = 10
PAGE = 100
_WRONG_TOKEN_SECONDS = 30.0
_TAKEN_SECONDS = 3.0
_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(\d{1,18})(?!\d)')


class Poller:
    """Polls until cancelled. Whatever goes wrong is waited out; nothing that was not committed is ever confirmed."""

    def __init__(self, bot: Bot, intake: Intake, presses: Acknowledger, clock: Clock) -> None:
        self._bot = bot
        self._intake = intake
        self._presses = presses
        self._backoff = Backoff(clock)
        self._offset: int | None = None
        self._limit = PAGE

    async def run(self) -> None:
        await self._poll_instead_of_webhook()
        while True:
            try:
                await self._one_page()
                self._backoff.reset()
            except AiogramError as error:
                await self._wait_out(error)
            except Exception as error:  # the database is away: nothing was stored, nothing is confirmed
                log.warning("telegram.not_stored", error=repr(error))
                await self._backoff.wait()

    async def _one_page(self) -> None:
        page = await self._fetch()
        self._presses.acknowledge(await self._intake.take(page))
        numbers = [number for update in page if (number := find_update_id(update)) is not None]
        if numbers:
            self._offset = max(numbers) + 1
        elif not page:
            # All is confirmed. After a quiet week numbers begin anew, perhaps below this one.
            self._offset = None
        else:
            await self._backoff.wait(at_least=1.0)

    async def _fetch(self) -> list[Any]:
        call = GetRawUpdates(offset=self._offset, limit=self._limit, timeout=POLL_SECONDS)
        try:
            page = await self._bot(call, request_timeout=POLL_SECONDS + _ANSWER_SECONDS)
        except ClientDecodeError as error:
            return self._salvage(error)
        self._limit = PAGE
        return page if isinstance(page, list) else []

    def _salvage(self, error: ClientDecodeError) -> list[Any]:
        """A page that is no JSON to us: asked for again one by one; the one that is to blame is kept as text.

        Raises:
            ClientDecodeError: it is not even a page of updates.
        """
        text = str(error.data)
        number = _UPDATE_ID.search(text)
        if number is None or not text.lstrip().startswith('{"ok":true'):
            raise error
        if self._limit > 1:
            self._limit = 1
            return []
        return [{"update_id": int(number[1]), "unreadable": text[:10_000]}]

    async def _wait_out(self, error: AiogramError) -> None:
        log.warning("telegram.poll_failed", error=f"{type(error).__name__}: {error}"[:300])
        if isinstance(error, TelegramConflictError):
            if "webhook" in error.message.lower():
                return await self._poll_instead_of_webhook()
            return await self._backoff.wait(at_least=_TAKEN_SECONDS)
        if isinstance(error, TelegramRetryAfter):
            return await self._backoff.wait(at_least=error.retry_after)
        await self._backoff.wait(at_least=_WRONG_TOKEN_SECONDS if isinstance(error, TelegramUnauthorizedError) else 0)

    async def _poll_instead_of_webhook(self) -> None:
        """Telegram keeps what waits, and hands it to whoever asks next."""
        while True:
            try:
                await self._bot.delete_webhook(drop_pending_updates=False)
            except AiogramError as error:
                log.warning("telegram.webhook_not_deleted", error=f"{type(error).__name__}: {error}"[:300])
                await self._backoff.wait()
            else:
                return

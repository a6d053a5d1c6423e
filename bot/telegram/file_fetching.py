"""Fetches customers' files from Telegram, after their messages were stored and answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiohttp import ClientError
from sqlalchemy import func, select, update

from conversations.file_models import FileState, StoredFile
from conversations.incoming_files import FILES
from core.clock import Clock
from core.database import Database
from core.files import FileStore, FileTooLarge

log = structlog.get_logger(__name__)

MEGABYTE = 1_000_000
#: What bots may download.
LARGEST = 20 * 1024 * 1024
_TICK = 5.0
_AT_ONCE = 4
_FETCH_SECONDS = 60
_CLAIMED_FOR = timedelta(seconds=120)
_RETRIES = (2.0, 10.0, 60.0, 600.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many bytes of one customer's files are kept of any 24 hours."""

    per_customer: int = 200 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Wanted:
    id: str
    customer_id: int
    remote_id: str
    size: int | None
    attempt: int


class FileFetcher:
    """Fetches for one bot account, until cancelled. What cannot be fetched for good is marked and left alone."""

    def __init__(
        self, bot: Bot, database: Database, clock: Clock, store: FileStore, account: str, quota: Quota | None = None
    ) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._store = store
        self._account = account
        self._quota = quota or Quota()

    async def run(self) -> None:
        with self._database.signals.subscribe(FILES) as news:
            while True:
                try:
                    while await self.fetch_due():
                        pass
                except Exception as error:
                    log.warning("telegram.fetching_failed", error=repr(error))
                await news.wait(_TICK)

    async def fetch_due(self) -> int:
        """Fetches a few files that are due; how many were tried."""
        wanted = await self._claim()
        for file in wanted:
            await self._settle(file, await self._fetch(file))
        return len(wanted)

    async def _claim(self) -> list[Wanted]:
        now = self._clock.now()
        due = (
            select(StoredFile.id)
            .where(StoredFile.account == self._account, StoredFile.state == FileState.WAITING, StoredFile.due_at <= now)
            .order_by(StoredFile.due_at)
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        columns = (StoredFile.id, StoredFile.customer_id, StoredFile.remote_id, StoredFile.size, StoredFile.attempt)
        claim = update(StoredFile).where(StoredFile.id.in_(due))
        async with self._database.write() as session:
            claimed = claim.values(due_at=now + _CLAIMED_FOR, attempt=StoredFile.attempt + 1).returning(*columns)
            return [Wanted(**row._mapping) for row in await session.execute(claimed)]

    async def _fetch(self, file: Wanted) -> dict[str, object]:
        """What is known of the file afterwards, as values of its row."""
        if (file.size or 0) > LARGEST:
            return {"state": FileState.REFUSED, "because": "too_big"}
        left = self._quota.per_customer - await self._kept_today(file)
        if (file.size or 1) > left:
            return {"state": FileState.REFUSED, "because": "quota"}
        try:
            size = await self._store.keep(file.id, self._download(file.remote_id), min(LARGEST, left))
        except FileTooLarge:
            return {"state": FileState.REFUSED, "because": "too_big"}
        except TelegramBadRequest as error:
            return {"state": FileState.REFUSED, "because": error.message[:80]}
        except (AiogramError, ClientError, OSError, TimeoutError) as error:
            return self._later(file, error)
        return {"state": FileState.HERE, "size": size, "because": None}

    def _later(self, file: Wanted, error: Exception) -> dict[str, object]:
        log.warning("telegram.file_not_fetched", file_id=file.id, error=f"{type(error).__name__}: {error}"[:200])
        if file.attempt >= len(_RETRIES):
            return {"state": FileState.REFUSED, "because": "not_fetched"}
        return {"due_at": self._clock.now() + timedelta(seconds=_RETRIES[file.attempt])}

    async def _download(self, remote_id: str) -> AsyncIterator[bytes]:
        found = await self._bot.get_file(remote_id)
        url = self._bot.session.api.file_url(self._bot.token, found.file_path or "")
        async for chunk in self._bot.session.stream_content(url, timeout=_FETCH_SECONDS):
            yield chunk

    async def _kept_today(self, file: Wanted) -> int:
        since: datetime = self._clock.now() - timedelta(hours=24)
        of_customer = select(func.coalesce(func.sum(StoredFile.size), 0)).where(
            StoredFile.customer_id == file.customer_id,
            StoredFile.created_at > since,
            StoredFile.state == FileState.HERE,
        )
        async with self._database.read() as session:
            return int(await session.scalar(of_customer) or 0)

    async def _settle(self, file: Wanted, values: dict[str, object]) -> None:
        async with self._database.write() as session:
            await session.execute(update(StoredFile).where(StoredFile.id == file.id).values(**values))

"""The webhook: updates posted to the bot, again until it answers 2xx, one after the other within a chat.

A method in the body of the bot's answer, which Telegram would carry out, is not looked at.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from tests.telegram_server.updates import UpdateQueue, Waiting
from tests.telegram_server.values import Json, bad_request

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(slots=True)
class WebhookSettings:
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post to the bot; `status` None when no answer came."""

    update_id: int
    lane: str
    status: int | None


class Webhook:
    """`retry_after` and `timeout`: seconds until a failed post is repeated (`Retry-After` wins), and a post's limit."""

    def __init__(self, updates: UpdateQueue, retry_after: float = 1.0, timeout: float = 60.0) -> None:
        self.updates = updates
        self.retry_after = retry_after
        self.timeout = timeout
        self.settings = WebhookSettings()
        self.attempts: list[Attempt] = []
        self.last_error = ""
        self._lanes: dict[str, deque[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: ClientSession | None = None
        self._changing = asyncio.Lock()
        self._places = asyncio.Semaphore(self.settings.max_connections)
        updates.on_put = self._enqueue

    async def set(self, settings: WebhookSettings) -> None:
        """Raises ApiError 400 for an address that Telegram would refuse; plain HTTP is allowed to this machine only."""
        address = urlsplit(settings.url)
        if address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        async with self._changing:
            await self._stop()
            self.settings, self.last_error = settings, ""
            self._places = asyncio.Semaphore(settings.max_connections)
            self._session = ClientSession(timeout=ClientTimeout(total=self.timeout))
            for item in self.updates.waiting():
                self._enqueue(item)

    async def stop(self) -> None:
        async with self._changing:
            await self._stop()

    async def _stop(self) -> None:
        """From its first moment no lane is opened any more: what comes meanwhile waits for the next address."""
        self.settings = WebhookSettings()
        session, self._session = self._session, None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        if session:
            await session.close()

    def info(self) -> Json:
        about: Json = {
            "url": self.settings.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.waiting()),
            "max_connections": self.settings.max_connections,
            "allowed_updates": sorted(self.updates.allowed),
        }
        error = {"last_error_message": self.last_error, "last_error_date": int(self.updates.clock.now().timestamp())}
        return about | (error if self.last_error else {})

    def _enqueue(self, item: Waiting) -> None:
        if self._session is None:
            return
        if item.lane in self._lanes:
            self._lanes[item.lane].append(item)
            return
        self._lanes[item.lane] = deque([item])
        task = asyncio.create_task(self._empty_lane(self._session, item.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _empty_lane(self, session: ClientSession, lane: str) -> None:
        waiting = self._lanes[lane]
        while waiting:
            await self._deliver(session, waiting[0])
            waiting.popleft()
        del self._lanes[lane]

    async def _deliver(self, session: ClientSession, item: Waiting) -> None:
        """Post until the bot takes it; an update that has meanwhile expired or was dropped is given up."""
        while self.updates.is_waiting(item.update_id):
            async with self._places:
                pause = await self._post(session, item)
            if pause is None:
                return self.updates.confirm(item.update_id)
            await asyncio.sleep(pause)

    async def _post(self, session: ClientSession, item: Waiting) -> float | None:
        """One attempt: None when it was taken, otherwise the seconds until the next."""
        secret = self.settings.secret_token
        headers = {SECRET_HEADER: secret} if secret else {}
        try:
            async with session.post(self.settings.url, json=item.update, headers=headers) as answer:
                self._note(Attempt(item.update_id, item.lane, answer.status))
                if answer.ok:
                    return None
                self.last_error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                return self._pause(answer)
        except (ClientError, TimeoutError) as error:
            self._note(Attempt(item.update_id, item.lane, None))
            self.last_error = str(error) or type(error).__name__
            return self.retry_after

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self.updates.changes.tell()

    def _pause(self, answer: ClientResponse) -> float:
        told = answer.headers.get("Retry-After", "")
        return float(told) if told.isdigit() else self.retry_after

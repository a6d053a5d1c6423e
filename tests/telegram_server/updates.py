"""Updates that wait for the bot, and how long polling takes them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import Clock
from tests.telegram_server.changes import Changes
from tests.telegram_server.values import Json, conflict

KEPT_FOR = timedelta(hours=24)
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
TAKEN_OVER = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, slots=True)
class Waiting:
    update: Json
    queued_at: datetime

    @property
    def update_id(self) -> int:
        return int(self.update["update_id"])

    @property
    def lane(self) -> str:
        """Updates of one lane are delivered one after the other: those of a chat, otherwise each alone."""
        chat_id = find_chat_id(self.update)
        return f"update {self.update_id}" if chat_id is None else f"chat {chat_id}"


def find_chat_id(update: Json) -> int | None:
    for content in update.values():
        if isinstance(content, dict):
            holder = content if "chat" in content else content.get("message")
            chat = holder.get("chat") if isinstance(holder, dict) else None
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return None


class UpdateQueue:
    """Numbers grow by one; `next_id` may be set, because Telegram starts from a random one after a quiet week."""

    def __init__(self, clock: Clock, first_id: int = 100_000_001) -> None:
        self.clock = clock
        self.next_id = first_id
        self.allowed: set[str] = set()
        self.confirmed: list[int] = []
        self.changes = Changes()
        self.on_put: Callable[[Waiting], None] = lambda item: None
        self._waiting: dict[int, Waiting] = {}
        self._poll: asyncio.Future[None] | None = None

    def add(self, content: Json) -> int | None:
        """Queue an update under the next number. None: the bot did not ask for this kind."""
        return self.add_any(content) if all(self._is_allowed(kind) for kind in content) else None

    def add_any(self, content: Json) -> int:
        """Queue an update under the next number, whatever kinds the bot asked for."""
        update_id, self.next_id = self.next_id, self.next_id + 1
        self.put({"update_id": update_id} | content)
        return update_id

    def put(self, update: Json) -> None:
        """Queue an update that has its number; one that waits under the same number is replaced."""
        item = Waiting(update, self.clock.now())
        self._waiting[item.update_id] = item
        self.on_put(item)
        self.changes.tell()

    def allow(self, kinds: list[str]) -> None:
        self.allowed = set(kinds)

    def waiting(self) -> list[Waiting]:
        """In the order of their numbers, without those older than 24 hours."""
        oldest = self.clock.now() - KEPT_FOR
        self._waiting = {number: item for number, item in self._waiting.items() if item.queued_at > oldest}
        return [self._waiting[number] for number in sorted(self._waiting)]

    def is_waiting(self, update_id: int) -> bool:
        item = self._waiting.get(update_id)
        return item is not None and item.queued_at > self.clock.now() - KEPT_FOR

    def confirm(self, update_id: int) -> None:
        if self._waiting.pop(update_id, None):
            self.confirmed.append(update_id)
            self.changes.tell()

    def confirm_before(self, offset: int) -> None:
        """What `offset` says: all below it are done; a negative one keeps that many from the end."""
        numbers = sorted(self._waiting)
        done = numbers[:offset] if offset < 0 else [number for number in numbers if number < offset]
        for number in done:
            self.confirm(number)

    def drop_all(self) -> None:
        self._waiting.clear()

    def end_poll(self, reason: str) -> None:
        """The poll that waits, if any, is answered 409."""
        if self._poll and not self._poll.done():
            self._poll.set_exception(conflict(reason))

    async def poll(self, limit: int, timeout: float) -> list[Json]:
        """Up to `limit` updates, at once or within `timeout` seconds. A newer poll ends an older one with 409."""
        self.end_poll(TAKEN_OVER)
        mine = self._poll = asyncio.get_running_loop().create_future()
        arrival = asyncio.ensure_future(self.changes.until(lambda: bool(self.waiting()), timeout))
        try:
            await asyncio.wait([mine, arrival], return_when=asyncio.FIRST_COMPLETED)
            if mine.done():
                mine.result()
            return [item.update for item in self.waiting()[:limit]]
        finally:
            arrival.cancel()
            mine.cancel()

    async def drained(self, within: float) -> bool:
        """Wait until the bot has confirmed all; False when it has not after `within` seconds."""
        return await self.changes.until(lambda: not self._waiting, within)

    def _is_allowed(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

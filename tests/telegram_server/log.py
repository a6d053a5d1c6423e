"""The delivery log: what each chat really received. It is the judge, whatever the bot believes."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime

from tests.telegram_server.changes import Changes
from tests.telegram_server.values import Json


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing that happened to a chat. `at` is monotonic seconds; `message_id` None: it touched no message."""

    seq: int
    at: float
    moment: datetime
    chat_id: int
    method: str
    params: Json
    message_id: int | None = None
    message: Json = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.message.get("text") or self.message.get("caption") or "")

    @property
    def is_new_message(self) -> bool:
        return bool(self.message) and self.method.startswith(("send", "copy", "forward"))

    def facts(self) -> Json:
        return asdict(self) | {"moment": self.moment.isoformat()}


@dataclass(slots=True)
class CallRecord:
    """A call that arrived. `status` is the HTTP status answered, 0 when the line was cut or left hanging."""

    seq: int
    at: float
    method: str
    chat_id: int | None
    status: int | None = None
    description: str = ""
    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that a bot must never do: `unknown_method`, `call_before_retry_after`, ..."""

    at: float
    kind: str
    detail: str


class DeliveryLog:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.deliveries: list[Delivery] = []
        self.new_messages = 0
        self._by_chat: dict[int, list[Delivery]] = defaultdict(list)
        self.calls: list[CallRecord] = []
        self.violations: list[Violation] = []
        self.changes = Changes()

    def arrived(self, method: str, chat_id: int | None) -> CallRecord:
        record = CallRecord(len(self.calls) + 1, self.monotonic(), method, chat_id)
        self.calls.append(record)
        self.changes.tell()
        return record

    def delivered(
        self, moment: datetime, chat_id: int, method: str, params: Json, message_id: int | None, message: Json
    ) -> None:
        """`message` as it then stood on the screen; empty when none was touched, or it is gone."""
        seq = len(self.deliveries) + 1
        entry = Delivery(seq, self.monotonic(), moment, chat_id, method, params, message_id, message)
        self.deliveries.append(entry)
        self._by_chat[chat_id].append(entry)
        self.new_messages += entry.is_new_message
        self.changes.tell()

    def violated(self, kind: str, detail: str) -> None:
        self.violations.append(Violation(self.monotonic(), kind, detail))
        self.changes.tell()

    def to(self, chat_id: int, method: str | None = None) -> list[Delivery]:
        return [d for d in self._by_chat[chat_id] if method in (None, d.method)]

    def messages(self, chat_id: int | None = None) -> Iterator[Delivery]:
        """New messages, in the order in which they arrived."""
        deliveries = self.deliveries if chat_id is None else self._by_chat[chat_id]
        return (d for d in deliveries if d.is_new_message)

    def texts(self, chat_id: int) -> list[str]:
        return [d.text for d in self.messages(chat_id)]

    def called(self, method: str) -> list[CallRecord]:
        return [record for record in self.calls if record.method == method]

    async def until(self, holds: Callable[["DeliveryLog"], bool], within: float = 10.0) -> None:
        """Wait until the log fulfils a condition. Raises AssertionError after `within` seconds."""
        if not await self.changes.until(lambda: holds(self), within):
            last = [(d.chat_id, d.method, d.text) for d in self.deliveries[-5:]]
            raise AssertionError(f"not within {within} s; {len(self.deliveries)} deliveries, the last: {last}")

    async def until_texts(self, chat_id: int, count: int, within: float = 10.0) -> list[str]:
        """The texts of a chat as soon as there are `count` of them."""
        await self.until(lambda log: len(log.texts(chat_id)) >= count, within)
        return self.texts(chat_id)

    def busiest(self, seconds: float, chat_id: int | None = None) -> int:
        """The most new messages that arrived within any span of so many seconds."""
        times = [d.at for d in self.messages(chat_id)]
        first, most = 0, 0
        for last, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def assert_obeyed(self) -> None:
        assert not self.violations, self.violations[:10]

"""Which deliveries the messages are that customers have: the test server's log beside the outbox."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database
from tests.telegram_server.client import RemoteTelegramServer


async def read_arrivals(server: RemoteTelegramServer, database: Database, chats: Iterable[int]) -> list[int]:
    """The ids of the deliveries that each chat has, in the order in which it has them.

    What no call was answered for is told by its words. A message that nobody can have sent fails the test.
    """
    deliveries: dict[str, list[Delivery]] = defaultdict(list)
    async with database.read() as session:
        for delivery in await session.scalars(select(Delivery).order_by(Delivery.id)):
            deliveries[delivery.lane].append(delivery)
    return [
        id_
        for chat in chats
        for id_ in _arrived(
            [(each["message_id"], each["text"]) for each in server.messages(chat)], deliveries[str(chat)]
        )
    ]


def _arrived(messages: Sequence[tuple[int, str]], sent: Sequence[Delivery]) -> list[int]:
    by_number = {delivery.external_id: delivery.id for delivery in sent if delivery.external_id}
    spare = [each for each in sent for _ in range(each.resent + (each.state is DeliveryState.UNKNOWN))]
    arrived: list[int] = []
    for number, text in messages:
        found = by_number.get(str(number)) or _take(text, spare, max(arrived, default=0))
        if found is None:  # one too many of something
            found = next((each.id for each in sent if each.payload["text"] == text), None)
        assert found is not None, f"nobody sent {text!r}"
        arrived.append(found)
    return arrived


def _take(text: str, spare: list[Delivery], last: int) -> int | None:
    """Which of those that may have arrived without a word about it this is: the next, else any."""
    alike = sorted((each for each in spare if each.payload["text"] == text), key=lambda each: (each.id < last, each.id))
    if not alike:
        return None
    spare.remove(alike[0])
    return alike[0].id

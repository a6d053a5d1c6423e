"""An engine of a few lines for tests of the Telegram door: it notes what it read and answers with the same words."""

from collections.abc import Mapping

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from conversations.batches import Batch
from conversations.channels import PUSH_CHANNELS, TELEGRAM
from conversations.deliveries import REPLY_PRIORITY, DeliveryDraft
from conversations.outbox import enqueue
from conversations.payloads import write_payloads
from conversations.values import DeliveryKind, Edited, Pressed, Said
from core.clock import Clock
from core.database import Database

#: What handling does to the world. No key forbids a second row: a double effect shows.
EFFECTS = Table(
    "echo",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer),
    Column("lane", String(40)),
    Column("words", String(200)),
)


async def prepare_echo(database: Database) -> None:
    """The table of effects."""
    async with database.write() as session:
        await (await session.connection()).run_sync(EFFECTS.create)


class EchoEngine:
    """Answers each batch with one message: the words of its events, joined by " | "."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, batch: Batch) -> None:
        now = self._clock.now()
        words = {item.id: said for item in batch.items if (said := _words(item.event))}
        async with self._database.write() as session:
            if words:
                await session.execute(insert(EFFECTS), [_effect(batch, each, words) for each in words])
                await enqueue(session, *self._answers(batch, " | ".join(words.values())))
            await batch.complete(session, now)

    def _answers(self, batch: Batch, text: str) -> list[DeliveryDraft]:
        return [
            DeliveryDraft(
                account=batch.account,
                lane=batch.lane,
                kind=DeliveryKind.REPLY,
                payload=payload.model_dump(mode="json"),
                dedupe_key=f"echo:{batch.items[0].id}",
                priority=REPLY_PRIORITY,
                due_at=self._clock.now(),
            )
            for payload in write_payloads(batch.lane, text, PUSH_CHANNELS[TELEGRAM])
        ]


def _effect(batch: Batch, event_id: int, words: Mapping[int, str]) -> dict[str, object]:
    return {"event_id": event_id, "lane": batch.lane, "words": words[event_id]}


def _words(event: object) -> str:
    if isinstance(event, Said | Edited):
        return event.text
    return event.button if isinstance(event, Pressed) else ""

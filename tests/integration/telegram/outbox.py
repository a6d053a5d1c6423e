"""Deliveries as an engine would write them, and what became of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from conversations import outbox
from conversations.deliveries import DEFAULT_PRIORITY, REPLY_PRIORITY, DeliveryDraft
from conversations.formatted import Entity
from conversations.models import Delivery
from conversations.payloads import MessagePayload
from conversations.values import DeliveryKind
from core.clock import SystemClock
from core.database import Database
from tests.support.telegram_bot import ACCOUNT

BOLD = (Entity("bold", 0, 3),)


def draft(
    chat: int,
    text: str,
    kind: DeliveryKind = DeliveryKind.REPLY,
    due_at: datetime | None = None,
    conversation_id: int | None = None,
    **more: object,
) -> DeliveryDraft:
    """`more`: further fields of the payload."""
    payload = MessagePayload.model_validate({"to": str(chat), "text": text, **more})
    awaited = kind in (DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY)
    return DeliveryDraft(
        account=ACCOUNT,
        lane=str(chat),
        kind=kind,
        payload=payload.model_dump(mode="json"),
        dedupe_key=f"{chat}:{text}",
        priority=REPLY_PRIORITY if awaited else DEFAULT_PRIORITY,
        due_at=due_at or SystemClock().now(),
        conversation_id=conversation_id,
    )


async def put(database: Database, drafts: Iterable[DeliveryDraft]) -> None:
    async with database.write() as session:
        await outbox.enqueue(session, *drafts)


async def list_all(database: Database) -> list[Delivery]:
    async with database.read() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))

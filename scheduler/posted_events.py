"""Events that other systems post about customers. Nothing here commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.database import WriteSession, upsert_ignore
from scheduler.models import PostedEvent


@dataclass(frozen=True, slots=True)
class EventDraft:
    """`external_id` is the other system's own: it counts once on its `account`."""

    account: str
    external_id: str
    customer_id: int
    kind: str
    at: datetime
    data: Mapping[str, Any]


async def post_event(session: WriteSession, draft: EventDraft, now: datetime) -> tuple[PostedEvent, bool]:
    """The event, and whether it is new."""
    insert = upsert_ignore(PostedEvent, session.get_bind().dialect.name).values(
        account=draft.account,
        external_id=draft.external_id,
        customer_id=draft.customer_id,
        kind=draft.kind,
        at=draft.at,
        data=dict(draft.data),
        received_at=now,
    )
    made = (await session.execute(insert.returning(PostedEvent.id))).scalar_one_or_none()
    known = select(PostedEvent).where(
        PostedEvent.account == draft.account, PostedEvent.external_id == draft.external_id
    )
    return (await session.scalars(known)).one(), made is not None

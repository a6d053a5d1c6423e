"""An event that could not be handled, as staff read it. What the customer wrote stays in the database."""

from datetime import datetime

from pydantic import BaseModel, Field

from conversations.models import InboxEvent
from conversations.values import InboxState
from core.logs import redact


class InboxEventShape(BaseModel):
    id: int
    account: str = Field(examples=["telegram:tea_bot"])
    external_id: str
    state: InboxState
    attempt: int
    received_at: datetime
    error: str | None = Field(description="What went wrong at the last try.")


def event_shape(event: InboxEvent) -> InboxEventShape:
    return InboxEventShape(
        id=event.id,
        account=event.account,
        external_id=event.external_id,
        state=event.state,
        attempt=event.attempt,
        received_at=event.received_at,
        error=redact(event.error) if event.error else None,
    )

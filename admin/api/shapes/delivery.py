"""One call to a push channel, as staff read it."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from admin.api.shapes.because import BecauseShape, delivery_reason
from admin.api.shapes.people import CustomerShape, customer_shape
from conversations.models import Conversation, Delivery
from conversations.values import DeliveryKind, DeliveryState
from core.database import ReadSession
from customers.models import ChannelIdentity, Customer


class DeliveryShape(BaseModel):
    """`unknown`: it was written to the network and nobody answered; it may have arrived or not."""

    id: int
    account: str = Field(examples=["telegram:tea_bot"])
    kind: DeliveryKind
    customer: CustomerShape | None
    message: int | None = Field(description="The id of the message that it carries.")
    part: int
    parts: int
    state: DeliveryState
    attempt: int
    due_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    because: BecauseShape | None


async def delivery_shapes(session: ReadSession, deliveries: Sequence[Delivery], language: str) -> list[DeliveryShape]:
    customers = await _customers(session, deliveries)
    return [_shape(delivery, customers.get(delivery.customer_id or 0), language) for delivery in deliveries]


async def delivery_shape(session: ReadSession, delivery: Delivery, language: str) -> DeliveryShape:
    (shape,) = await delivery_shapes(session, [delivery], language)
    return shape


async def _customers(session: ReadSession, deliveries: Sequence[Delivery]) -> dict[int, CustomerShape]:
    query = (
        select(Customer, ChannelIdentity)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .where(Conversation.id.in_([delivery.conversation_id for delivery in deliveries if delivery.conversation_id]))
    )
    rows = (await session.execute(query)).all()
    return {customer.id: customer_shape(customer, identity) for customer, identity in rows}


def _shape(delivery: Delivery, customer: CustomerShape | None, language: str) -> DeliveryShape:
    return DeliveryShape(
        id=delivery.id,
        account=delivery.account,
        kind=delivery.kind,
        customer=customer,
        message=delivery.message_id,
        part=delivery.part,
        parts=delivery.parts,
        state=delivery.state,
        attempt=delivery.attempt,
        due_at=delivery.due_at,
        expires_at=delivery.expires_at,
        sent_at=delivery.sent_at,
        because=delivery_reason(delivery.because, language),
    )

"""A message of the timeline, as scripts and sockets read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from conversations.models import Delivery, Message
from conversations.values import Attachment, Author, DeliveryState, MessageKind
from core.database import ReadSession
from tickets.vouchers import hide_codes


class ButtonShape(BaseModel):
    id: str
    label: str = Field(examples=["解决了"])


class AttachmentShape(BaseModel):
    id: str | None
    name: str | None
    media_type: str | None
    size: int | None = Field(description="Bytes.")
    url: str | None


class MessageShape(BaseModel):
    """`seq` grows within a conversation. An edit is a new message that `replaces` an older one (empty: taken back)."""

    id: int = Field(examples=[301])
    seq: int = Field(examples=[4])
    message_id: str | None = Field(description="The sender's own id.", examples=["m-77"])
    author: Author
    name: str | None = Field(description="The agent's name, as customers see it.")
    kind: MessageKind | None = Field(description="Null for the customer's own.")
    text: str = Field(examples=["下单后 24 小时内发货。"])
    buttons: list[ButtonShape]
    attachments: list[AttachmentShape]
    reply_to: int | None
    replaces: int | None
    delivery: DeliveryState | None = Field(description="Null for the customer's own.")
    at: datetime


#: A text as somebody may read it.
ReadText = Callable[[str], str]
#: Where a file can be read, by its id; None where nobody may.
Link = Callable[[str], str | None]


def no_link(_file_id: str) -> None:
    return None


def message_shape(
    message: Message,
    delivery: DeliveryState = DeliveryState.SENT,
    link: Link = no_link,
    read: ReadText = hide_codes,
) -> MessageShape:
    """`delivery`: on a channel that is read, not sent to, what is committed is delivered. `read`: with the codes of
    vouchers for their owner, without for everybody else.
    """
    return MessageShape(
        id=message.id,
        seq=message.seq,
        message_id=message.client_id,
        author=message.author,
        name=message.name,
        kind=message.kind,
        text=read(message.text),
        buttons=[ButtonShape(id=button.id, label=button.label) for button in message.buttons],
        attachments=[attachment_shape(attachment, link) for attachment in message.attachments],
        reply_to=message.reply_to_id,
        replaces=message.replaces_id,
        delivery=None if message.author is Author.CUSTOMER else delivery,
        at=message.at,
    )


def attachment_shape(attachment: Attachment, link: Link) -> AttachmentShape:
    return AttachmentShape(
        id=attachment.file_id,
        name=attachment.name,
        media_type=attachment.media_type,
        size=attachment.size,
        url=link(attachment.file_id) if attachment.file_id else None,
    )


async def message_shapes(
    session: ReadSession, messages: Sequence[Message], link: Link = no_link, read: ReadText = hide_codes
) -> list[MessageShape]:
    """The messages with what became of their deliveries."""
    states = await _delivery_states(session, [message.id for message in messages])
    return [message_shape(message, states.get(message.id, DeliveryState.SENT), link, read) for message in messages]


#: A message of several parts is as far as the part that is least far.
_LEAST_FAR_FIRST = (
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.SKIPPED,
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.SENT,
)


async def _delivery_states(session: ReadSession, message_ids: Iterable[int]) -> Mapping[int | None, DeliveryState]:
    query = select(Delivery.message_id, Delivery.state).where(Delivery.message_id.in_(list(message_ids)))
    found: dict[int | None, DeliveryState] = {}
    for message_id, state in (await session.execute(query)).all():
        found[message_id] = min(state, found.get(message_id, state), key=_LEAST_FAR_FIRST.index)
    return found

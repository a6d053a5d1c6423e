"""The language of the engine: events that come in, messages that go out. No channel's library is known here."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class Owner(StrEnum):
    """Who answers in a conversation. In `waiting` a person was asked for and the bot still answers."""

    BOT = "bot"
    WAITING = "waiting"
    TAKEN = "taken"


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"


class MessageKind(StrEnum):
    """What a message to a customer is for; it decides when it may go out (contract: Rules)."""

    REPLY = "reply"
    AGENT_REPLY = "agent_reply"
    SERVICE = "service"
    CARE = "care"
    PROMOTION = "promotion"


class DeliveryKind(StrEnum):
    REPLY = "reply"
    AGENT_REPLY = "agent_reply"
    SERVICE = "service"
    FOLLOW_UP = "follow_up"
    DESK_POST = "desk_post"
    DESK_EDIT = "desk_edit"
    TOPIC = "topic"


class DeliveryState(StrEnum):
    """`unknown`: written to the network without an answer; nobody can know whether it arrived."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class InboxState(StrEnum):
    PENDING = "pending"
    WORKING = "working"
    DONE = "done"
    PARKED = "parked"
    DISMISSED = "dismissed"


class AttachmentKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Attachment(_Frozen):
    """Something that came or goes with a message. `file_id` is ours, `remote_id` the channel's own handle to it."""

    kind: AttachmentKind
    file_id: str | None = None
    remote_id: str | None = None
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    data: dict[str, str | float] = Field(default_factory=dict)


class Button(_Frozen):
    """`id` is opaque to channels and comes back in `Pressed`; `label` is in the customer's language.

    `asks`: in place of a press it brings the customer's own phone number, where the channel can do that.
    """

    id: str
    label: str
    asks: Literal["phone"] | None = None


class Visitor(_Frozen):
    """Who writes, as the channel knows them. `external_id` is unique within the account."""

    external_id: str
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    verified: bool = False


class _FromCustomer(_Frozen):
    visitor: Visitor
    at: datetime


class Said(_FromCustomer):
    """A message. `message_id` is the sender's own. Messages of one `album` that wait together are one message.

    `quote` is the part that was picked out of the message that it answers to.
    """

    type: Literal["said"] = "said"
    message_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    quote: str | None = None
    album: str | None = None


class Pressed(_FromCustomer):
    """A button. `message` is the channel's id of the message that carried it, when the channel tells."""

    type: Literal["pressed"] = "pressed"
    message_id: str
    button: str
    message: str | None = None


class Edited(_FromCustomer):
    """The customer changed a message that was sent before."""

    type: Literal["edited"] = "edited"
    message_id: str
    text: str
    attachments: tuple[Attachment, ...] = ()


class Reachability(_FromCustomer):
    """The customer blocked the shop on this channel, or let it in again."""

    type: Literal["reachability"] = "reachability"
    reachable: bool
    reason: str | None = None


class Seen(_FromCustomer):
    """The customer has read up to message `seq`."""

    type: Literal["seen"] = "seen"
    seq: int


class InGroup(_FromCustomer):
    """Something happened in a group that the bot is in; `visitor` is who did it.

    `present`: whether the bot is a member from now on; None when that did not change. `moved_to`: the group's new id.
    """

    type: Literal["in_group"] = "in_group"
    group: str
    title: str = ""
    present: bool | None = None
    moved_to: str | None = None


class DeskSaid(_FromCustomer):
    """Somebody wrote in a group, which may be a desk. `thread`: the topic, where the group has topics.

    `edits`: it is another wording of the message that came before under this id. `anonymous`: an administrator who
    writes as the group; nobody can say who. `joined`, `left`: who came into the group or went, in place of words.
    """

    type: Literal["desk_said"] = "desk_said"
    group: str
    title: str = ""
    thread: str | None = None
    message_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    album: str | None = None
    edits: bool = False
    anonymous: bool = False
    joined: tuple[Visitor, ...] = ()
    left: Visitor | None = None


class DeskPressed(_FromCustomer):
    """Somebody pressed a button in a group, or marked a message. `message`: what carried it; `press`: what the channel
    wants answered, empty for a mark.
    """

    type: Literal["desk_pressed"] = "desk_pressed"
    group: str
    message: str
    press: str
    button: str


Event = Annotated[
    Said | Pressed | Edited | Reachability | Seen | InGroup | DeskSaid | DeskPressed, Field(discriminator="type")
]


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What the engine wants said. `text` may use the small markup: **bold**, "- " lists and [text](url).

    `reply_to`: the message that it quotes. `replaces`: one of ours that it takes the place of (no text: taken back).
    """

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    kind: MessageKind = MessageKind.REPLY
    article: tuple[str, str, int] | None = field(default=None)
    reply_to: int | None = None
    replaces: int | None = None

"""The parts of Telegram's updates that Kefu reads, and nothing more: what else they hold may change as it likes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

_Id = Annotated[int, Field(gt=-(2**63), lt=2**63)]
_Text = Annotated[str, Field(max_length=20_000)]
_INSTANT = TypeAdapter(datetime)


def _instant(seconds: object) -> datetime:
    if type(seconds) is not int or not 0 <= seconds < 2**32:
        raise ValueError("no Unix time")
    return _INSTANT.validate_python(seconds)


Instant = Annotated[datetime, BeforeValidator(_instant)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class User(_Part):
    id: _Id
    is_bot: bool = False
    first_name: _Text = ""
    last_name: _Text = ""
    language_code: str | None = Field(default=None, max_length=35)

    @property
    def name(self) -> str | None:
        return " ".join(filter(None, (self.first_name.strip(), self.last_name.strip())))[:200] or None


class Chat(_Part):
    id: _Id
    type: Literal["private", "group", "supergroup", "channel"]
    title: _Text = ""


class Entity(_Part):
    type: _Text
    offset: _Id
    length: _Id
    url: _Text | None = None


class File(_Part):
    """A file of any kind; photos come as a list of sizes, the largest last."""

    file_id: str = Field(max_length=500)
    file_unique_id: str = Field(max_length=500)
    file_size: _Id | None = None
    file_name: _Text | None = None
    mime_type: _Text | None = None


class Sticker(File):
    emoji: _Text | None = None


class Contact(_Part):
    phone_number: _Text
    first_name: _Text = ""
    last_name: _Text = ""
    user_id: _Id | None = None


class Location(_Part):
    latitude: float
    longitude: float


class Venue(_Part):
    title: _Text = ""
    address: _Text = ""


class Dice(_Part):
    emoji: _Text


class Quoted(_Part):
    """The message that is answered to. `sender` tells ours from the customer's own."""

    message_id: _Id
    sender: User | None = Field(default=None, alias="from")


class Quote(_Part):
    """The part of it that the writer picked out."""

    text: _Text


class Message(_Part):
    message_id: _Id
    date: Instant
    edit_date: Instant | None = None
    chat: Chat
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    message_thread_id: _Id | None = None
    is_topic_message: bool = False
    text: _Text = ""
    caption: _Text = ""
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    media_group_id: str | None = Field(default=None, max_length=100)
    reply_to_message: Quoted | None = None
    quote: Quote | None = None
    photo: list[File] = []
    voice: File | None = None
    video_note: File | None = None
    video: File | None = None
    audio: File | None = None
    animation: File | None = None
    document: File | None = None
    sticker: Sticker | None = None
    contact: Contact | None = None
    location: Location | None = None
    venue: Venue | None = None
    dice: Dice | None = None
    migrate_to_chat_id: _Id | None = None
    new_chat_members: list[User] = []
    left_chat_member: User | None = None


class PressedMessage(_Part):
    """The message under which the button was; of one that is too old Telegram tells no more than this."""

    message_id: _Id
    chat: Chat


class Press(_Part):
    id: str = Field(min_length=1, max_length=100)
    sender: User = Field(alias="from")
    message: PressedMessage | None = None
    data: _Text = ""


class Emoji(_Part):
    emoji: _Text = ""


class Reaction(_Part):
    """Somebody put a mark below a message, or took it away. Without `user`: an anonymous administrator."""

    chat: Chat
    message_id: _Id
    user: User | None = None
    new_reaction: list[Emoji] = []


class Membership(_Part):
    status: Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
    is_member: bool = True

    @property
    def is_in(self) -> bool:
        return self.status in ("creator", "administrator", "member") or (self.status == "restricted" and self.is_member)


class MembershipChange(_Part):
    chat: Chat
    sender: User = Field(alias="from")
    date: Instant
    new_chat_member: Membership


class Update(_Part):
    """Just one of the kinds is there in a good update."""

    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    my_chat_member: MembershipChange | None = None
    message_reaction: Reaction | None = None

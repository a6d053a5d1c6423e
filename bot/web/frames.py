"""The frames of the chat's socket: flat JSON, each with its `type`."""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from admin.api.fields import MAX_TEXT, Language, Line, ShortLine, Timezone, has_control_characters
from admin.api.shapes.message import MessageShape
from conversations.uploads import MOST_FILES
from conversations.values import Owner
from core.ids import MAX_ID

#: Bytes of one frame up: the longest message, all of it written as escapes.
MAX_FRAME = 256 * 1024
MAX_SEQ = 2**31 - 1


class Code(IntEnum):
    """Why a socket was closed."""

    RESTART = 1012
    TOO_BIG = 1009
    AGAIN_LATER = 1013
    TOKEN = 4401
    ORIGIN = 4403
    TOO_FAST = 4429


def _without_controls(text: str) -> str:
    """A person cannot mend what she cannot see: control characters are taken out, the words stay."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(mark for mark in unified if mark in "\n\t" or not has_control_characters(mark))


def _known(kind: Any) -> Any:
    """What a browser says of itself and we do not know counts as not said."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)

    def check(value: Any) -> str | None:
        try:
            return adapter.validate_python(value)
        except ValueError:
            return None

    return BeforeValidator(check)


BrowserLanguage = Annotated[str | None, _known(Language)]
BrowserTimezone = Annotated[str | None, _known(Timezone)]


class _Up(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(_Up):
    """The first frame. `after`: the last `seq` that the page knows."""

    type: Literal["hello"]
    token: str = Field(max_length=200)
    after: int = Field(default=0, ge=0, le=MAX_SEQ)
    language: BrowserLanguage = None
    timezone: BrowserTimezone = None


class SaidFrame(_Up):
    """`id` is the page's own; it comes back as `message_id`."""

    type: Literal["said"]
    id: Line
    text: Annotated[str, AfterValidator(_without_controls), Field(max_length=MAX_TEXT)] = ""
    attachments: tuple[ShortLine, ...] = Field(default=(), max_length=MOST_FILES)


class PressedFrame(_Up):
    type: Literal["pressed"]
    id: Line
    button: Line


class SeenFrame(_Up):
    type: Literal["seen"]
    seq: int = Field(ge=0, le=MAX_ID)


class TypingUp(_Up):
    """The visitor writes. Nothing is kept of it."""

    type: Literal["typing"]


class ContactFrame(_Up):
    """Where an answer may be sent when the page is closed; kept for whoever answers."""

    type: Literal["contact"]
    email: Line | None = None
    phone: ShortLine | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.email or self.phone):
            raise ValueError("give an e-mail address or a phone number")
        return self


Up = Hello | SaidFrame | PressedFrame | SeenFrame | TypingUp | ContactFrame
UP: TypeAdapter[Up] = TypeAdapter(Annotated[Up, Field(discriminator="type")])


class MessageFrame(MessageShape):
    type: Literal["message"] = "message"


class StateFrame(BaseModel):
    """Who answers. `with`: the person's name as customers see it."""

    model_config = ConfigDict(frozen=True)

    type: Literal["state"] = "state"
    state: Owner
    with_: str | None = Field(serialization_alias="with")
    since: datetime | None
    answer_by: datetime | None = None


class TypingFrame(BaseModel):
    type: Literal["typing"] = "typing"


class ErrorFrame(BaseModel):
    """`id`: of the frame that it is about, when that is known."""

    type: Literal["error"] = "error"
    error: str
    detail: str
    id: str | None = None
    retry_after: int | None = None


DownFrame = MessageFrame | StateFrame | TypingFrame | ErrorFrame


def message_frame(shape: MessageShape) -> MessageFrame:
    return MessageFrame.model_construct(**dict(shape))


def write_frame(frame: DownFrame) -> str:
    return frame.model_dump_json(by_alias=True)

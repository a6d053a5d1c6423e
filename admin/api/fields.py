"""The kinds of value that requests carry."""

import unicodedata
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from core.ids import MAX_ID

MAX_TEXT = 20_000
_LINE_MARKS = "\n\r\t"


class Body(BaseModel):
    """A request's body. Fields that it does not have are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def has_control_characters(text: str, allowed: str = "") -> bool:
    """Whether `text` holds what is no text: commands such as NUL, halves of characters."""
    return any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in allowed for mark in text)


def plain_line(text: str) -> str:
    if has_control_characters(text):
        raise ValueError("holds control characters")
    if not text.strip():
        raise ValueError("is blank")
    return text


def _plain_text(text: str) -> str:
    if has_control_characters(text, _LINE_MARKS):
        raise ValueError("holds control characters; only line breaks and tabs are text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _language(tag: str) -> str:
    primary = tag.partition("-")[0].lower()
    if primary not in ("zh", "en"):
        raise ValueError("must be zh or en")
    return primary


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no time zone's name, such as Asia/Shanghai")
    return name


@dataclass(frozen=True, slots=True)
class Shown:
    """Tells OpenAPI in a pattern what a validator of ours says in words."""

    pattern: str

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"pattern": self.pattern}


_PRINTED = r"[^\u0000-\u001f\u007f-\u009f]"
_SHOWN_LINE = Shown(rf"^{_PRINTED}*[^\s\u0000-\u001f\u007f-\u009f]{_PRINTED}*$")
_SHOWN_TEXT = Shown(r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$")
_SHOWN_CURSOR = Shown("^[A-Za-z0-9_-]+$")

#: One line without control characters: a name, an id that somebody else chose.
Line = Annotated[str, AfterValidator(plain_line), Field(min_length=1, max_length=200), _SHOWN_LINE]
ShortLine = Annotated[str, AfterValidator(plain_line), Field(min_length=1, max_length=120), _SHOWN_LINE]
#: What somebody writes: line breaks and tabs, no other control characters.
Text = Annotated[str, AfterValidator(_plain_text), Field(max_length=MAX_TEXT), _SHOWN_TEXT]
#: Rules of one kind, with their comments.
RuleWords = Annotated[str, AfterValidator(_plain_text), Field(max_length=500_000), _SHOWN_TEXT]
Language = Annotated[str, AfterValidator(_language), Field(max_length=20, examples=["zh", "en"])]
Timezone = Annotated[str, AfterValidator(_timezone), Field(max_length=64, examples=["Asia/Shanghai"])]

PathId = Annotated[int, Path(ge=1, le=MAX_ID, alias="id", examples=[1])]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
CursorText = Annotated[str, Field(max_length=200), _SHOWN_CURSOR]
Cursor = Annotated[CursorText | None, Query(description="`next_cursor` of the page before.")]

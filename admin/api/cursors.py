"""Lists that are read page by page: `{"items": [...], "next_cursor": ...}`."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from core.errors import InvalidInput
from core.ids import MAX_ID

Row = TypeVar("Row")
Shape = TypeVar("Shape")


class Page(BaseModel, Generic[Shape]):
    """`next_cursor` leads to the next page; null on the last one."""

    items: list[Shape]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null: this is the last one.")


def encode_cursor(list_name: str, position: int) -> str:
    """An opaque text for `position` in the list called `list_name`."""
    return urlsafe_b64encode(f"{list_name}:{position}".encode()).decode().rstrip("=")


def decode_cursor(list_name: str, cursor: str | None, parameter: str = "cursor") -> int | None:
    """The position, None without a cursor.

    Raises:
        InvalidInput: not a cursor of that list.
    """
    if cursor is None:
        return None
    try:
        name, _, position = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").rpartition(":")
        found = int(position) if position.isdigit() and len(position) < 20 else -1
    except ValueError:
        name, found = "", -1
    if name != list_name or not 0 <= found <= MAX_ID:
        raise InvalidInput(f"{parameter} is no cursor of this list", {parameter: "is no cursor of this list"})
    return found


def one_page(
    rows: Sequence[Row], limit: int, list_name: str, position: Callable[[Row], int]
) -> tuple[list[Row], str | None]:
    """Of up to `limit` + 1 rows the first `limit`, and the cursor to the rest."""
    shown = list(rows[:limit])
    has_more = len(rows) > limit
    return shown, encode_cursor(list_name, position(shown[-1])) if has_more else None

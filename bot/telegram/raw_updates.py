"""Updates as Telegram wrote them. They are stored before anything is decided about them, so nothing is decoded here."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiogram.methods.base import TelegramMethod

#: Every kind that somebody here listens to; told to Telegram at each start.
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "message_reaction"]
_LARGEST = 2**63
_DEEPEST = 50


class GetRawUpdates(TelegramMethod[Any]):
    """getUpdates without aiogram's types: one update that they refuse would hold up all that wait behind it."""

    __returning__ = Any
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = 0
    allowed_updates: list[str] = ALLOWED_UPDATES


def storable(value: Any, depth: int = 0) -> Any:
    """`value` as any database keeps it: without NUL, half characters and numbers that are none."""
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode() if _is_odd(value) else value
    if isinstance(value, dict):
        return {storable(str(name)): storable(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) >= _LARGEST else value


def _is_odd(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def find_update_id(update: Any) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and 0 <= number < _LARGEST else None


def external_id(update: Any) -> str:
    """What makes an update count once: its number, or a print of what has none."""
    number = find_update_id(update)
    if number is not None:
        return str(number)
    return "odd:" + hashlib.sha256(json.dumps(update, sort_keys=True, default=str).encode()).hexdigest()


def find_message(update: Any) -> Mapping[str, Any] | None:
    """The message within an update, or what tells as much: where it happened."""
    for content in update.values() if isinstance(update, dict) else ():
        if isinstance(content, dict):
            holder = content if "chat" in content else content.get("message")
            if isinstance(holder, dict) and isinstance(holder.get("chat"), dict):
                return holder
    return None


def lane_of(update: Any) -> str:
    """The chat, whose updates are handled in order; one lane for all that do not say where they happened."""
    message = find_message(update)
    chat_id = message["chat"].get("id") if message else None
    return str(chat_id) if type(chat_id) is int and abs(chat_id) < _LARGEST else "odd"


def find_date(update: Any) -> datetime | None:
    """When a message was written or edited, as far as Telegram tells."""
    message = find_message(update)
    if message is None or "callback_query" in update:
        return None  # a press has no time; the message that carried the button may be old
    date = message.get("edit_date", message.get("date"))
    return datetime.fromtimestamp(date, UTC) if type(date) is int and 0 < date < 2**32 else None


def find_press(update: Any) -> str | None:
    """The id of a button's press, which wants an acknowledgement within moments.

    In a group whoever handles it acknowledges it, with a word about what came of it.
    """
    query = update.get("callback_query") if isinstance(update, dict) else None
    if lane_of(update).startswith("-"):
        return None
    query_id = query.get("id") if isinstance(query, dict) else None
    return query_id if isinstance(query_id, str) and 0 < len(query_id) < 100 else None


def is_of_album(update: Any) -> bool:
    message = find_message(update)
    return message is not None and isinstance(message.get("media_group_id"), str)

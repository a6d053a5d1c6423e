"""What became of a call to Telegram, read from the exception it ended with.

The rule: an answer proves what it says; a connection that was never made wrote nothing; all else may have arrived.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError, ConnectionTimeoutError, InvalidURL

from conversations.deliveries import BLOCKED, NotWritten, Outcome, Refused, RetryAt, Sent, Unknown


@dataclass(frozen=True, slots=True)
class Migrated:
    """The group has become a supergroup: nothing was sent, and the chat's id is another one for ever."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class BadFormat:
    """Telegram does not take the entities: nothing was sent, and plain text may pass."""

    detail: str


@dataclass(frozen=True, slots=True)
class BadMedia:
    """Telegram does not take the attachments as what they are: nothing was sent, and as plain files they may pass."""

    reason: str


TelegramOutcome = Outcome | Migrated | BadFormat | BadMedia

#: Said in a refusal (lower case) -> our word for the reason. The first that is found counts.
FORBIDDEN = {
    "blocked by the user": BLOCKED,
    "deactivated": "deactivated",
    "kicked": "kicked",
    "not a member": "kicked",
    "can't initiate": "not_started",
    "can't send messages to bots": "is_a_bot",
}
BAD_REQUEST = {
    "message is too long": "too_long",
    "message_too_long": "too_long",
    "caption is too long": "too_long",
    "caption_too_long": "too_long",
    "chat not found": "not_found",
    "user not found": "not_found",
    "peer_id_invalid": "not_found",
    "user_is_blocked": BLOCKED,
    "deactivated": "deactivated",
    "message thread not found": "topic_gone",
    "topic_id_invalid": "topic_gone",
    "topic_deleted": "topic_gone",
    "topic_closed": "topic_closed",
    "not a forum": "not_a_forum",
    "not enough rights": "no_rights",
    "have no rights": "no_rights",
    "need administrator rights": "no_rights",
    "chat_write_forbidden": "no_rights",
    "chat_admin_required": "no_rights",
    "message can't be edited": "not_editable",
    "message can't be deleted": "not_deletable",
    "replied message not found": "message_gone",
    "message_id_invalid": "message_gone",
    "to edit not found": "message_gone",
    "to delete not found": "message_gone",
    "to be replied not found": "message_gone",
    "to react not found": "message_gone",
    "to pin not found": "message_gone",
    "query is too old": "too_late",
    "button_data_invalid": "bad_buttons",
    "inline keyboard": "bad_buttons",
    "message text is empty": "empty",
}
BAD_MEDIA = {
    "voice_messages_forbidden": "voice_forbidden",
    "file is too big": "too_big",
    "wrong file": "bad_file",
    "wrong remote file": "bad_file",
    "invalid file": "bad_file",
    "can't use file of type": "bad_file",
    "photo_": "bad_file",
    "image_process_failed": "bad_file",
    "media_invalid": "bad_file",
    "media_empty": "bad_file",
}
_UNCHANGED = ("message is not modified", "topic_not_modified")
_BAD_FORMAT = ("can't parse entities", "entity_", "entities_too_long", "can't parse messageentity")

_NEVER_CONNECTED = (ClientConnectorError, ConnectionTimeoutError, InvalidURL)
_SAYS_OK = re.compile(r'\s*\{\s*"ok"\s*:\s*(true|false)')
_MESSAGE_ID = re.compile(r'"message_id"\s*:\s*(\d+)(?=[,}\s])')
_TOO_LARGE_PAGE = re.compile(r"<title>413 ", re.IGNORECASE)


def outcome_of(error: AiogramError, now: datetime) -> TelegramOutcome:
    """The outcome of a call that raised `error`. What the call itself got wrong shows as a lasting `Refused`."""
    match error:
        case TelegramRetryAfter(retry_after=seconds):
            return RetryAt(now + timedelta(seconds=seconds))
        case TelegramMigrateToChat(migrate_to_chat_id=chat_id):
            return Migrated(chat_id)
        case TelegramEntityTooLarge():
            return BadMedia("too_big")
        case TelegramNetworkError():
            return _of_broken_line(error)
        case TelegramForbiddenError():
            return Refused(find_reason(FORBIDDEN, error.message) or "forbidden")
        case TelegramBadRequest():
            return _of_bad_request(error.message)
        case TelegramServerError():
            return NotWritten("server_error")
        case TelegramUnauthorizedError() | TelegramNotFound():
            # The token or the address is wrong: what waits goes out when somebody has put it right.
            return NotWritten("unauthorized")
        case ClientDecodeError():
            return _of_odd_answer(error.data)
    return Refused("bad_request")


def sent_as(result: Any) -> Sent:
    """The outcome of a call that Telegram answered: an album comes back as several messages, a topic as a thread."""
    messages = result if isinstance(result, list) else [result]
    numbers = [getattr(each, "message_id", None) or getattr(each, "message_thread_id", None) for each in messages]
    return Sent(",".join(str(number) for number in numbers if number is not None) or None)


def find_reason(words: dict[str, str], description: str) -> str | None:
    """The reason for the first of `words` that Telegram's description contains."""
    said = description.lower()
    return next((reason for words_said, reason in words.items() if words_said in said), None)


def _of_bad_request(description: str) -> TelegramOutcome:
    said = description.lower()
    if any(words in said for words in _UNCHANGED):
        return Sent()
    if any(words in said for words in _BAD_FORMAT):
        return BadFormat(description)
    if bad_media := find_reason(BAD_MEDIA, description):
        return BadMedia(bad_media)
    return Refused(find_reason(BAD_REQUEST, description) or "bad_request")


def _of_broken_line(error: TelegramNetworkError) -> Outcome:
    """A time-out counts as written unless it befell the connecting: set `sock_connect` to tell the two apart."""
    detail = type(error.__cause__ or error).__name__
    return NotWritten(detail) if isinstance(error.__cause__, _NEVER_CONNECTED) else Unknown(detail)


def _of_odd_answer(data: Any) -> TelegramOutcome:
    """An answer that aiogram cannot read: JSON of an unknown shape, JSON cut off, or a gateway's page."""
    if isinstance(data, dict):
        result = data.get("result")
        messages = result if isinstance(result, list) else [result]
        numbers = [str(each["message_id"]) for each in messages if isinstance(each, dict) and "message_id" in each]
        return _of_verdict(data.get("ok"), ",".join(numbers) or None)
    said = _SAYS_OK.match(str(data))
    if said:
        message_id = _MESSAGE_ID.search(str(data))
        return _of_verdict(said[1] == "true", message_id[1] if message_id else None)
    return BadMedia("too_big") if _TOO_LARGE_PAGE.search(str(data)) else Unknown("no_json")


def _of_verdict(ok: Any, message_id: Any) -> Outcome:
    if ok is True:
        return Sent(None if message_id is None else str(message_id))
    return NotWritten("server_error") if ok is False else Unknown("no_verdict")

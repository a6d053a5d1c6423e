"""Each way a call to Telegram can end has one right outcome."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    RestartingTelegram,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage
from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientOSError,
    ClientPayloadError,
    ConnectionTimeoutError,
    ServerDisconnectedError,
    SocketTimeoutError,
)
from aiohttp.client_reqrep import ConnectionKey

from bot.telegram.outcomes import BadFormat, BadMedia, Migrated, TelegramOutcome, outcome_of
from conversations.deliveries import NotWritten, Refused, RetryAt, Sent, Unknown
from tests.support.clock import MONDAY_MORNING

pytestmark = pytest.mark.telegram

CALL = SendMessage(chat_id=71, text="tea")
KEY = ConnectionKey("127.0.0.1", 1, False, False, None, None, None)


def forbidden(said: str) -> AiogramError:
    return TelegramForbiddenError(CALL, said)


def bad_request(said: str) -> AiogramError:
    return TelegramBadRequest(CALL, said)


# what Telegram said with 400 or 403, the outcome
REFUSALS: list[tuple[Callable[[str], AiogramError], str, TelegramOutcome]] = [
    (forbidden, "Forbidden: bot was blocked by the user", Refused("blocked")),
    (forbidden, "Forbidden: user is deactivated", Refused("deactivated")),
    (forbidden, "Forbidden: bot was kicked from the supergroup chat", Refused("kicked")),
    (forbidden, "Forbidden: bot is not a member of the supergroup chat", Refused("kicked")),
    (forbidden, "Forbidden: bot can't initiate conversation with a user", Refused("not_started")),
    (forbidden, "Forbidden: something new", Refused("forbidden")),
    (bad_request, "Bad Request: chat not found", Refused("not_found")),
    (bad_request, "Bad Request: message is too long", Refused("too_long")),
    (bad_request, "Bad Request: message caption is too long", Refused("too_long")),
    (bad_request, "Bad Request: message thread not found", Refused("topic_gone")),
    (bad_request, "Bad Request: TOPIC_CLOSED", Refused("topic_closed")),
    (bad_request, "Bad Request: not enough rights to send text messages to the chat", Refused("no_rights")),
    (bad_request, "Bad Request: wrong file identifier/HTTP URL specified", BadMedia("bad_file")),
    (bad_request, "Bad Request: PHOTO_INVALID_DIMENSIONS", BadMedia("bad_file")),
    (bad_request, "Bad Request: VOICE_MESSAGES_FORBIDDEN", BadMedia("voice_forbidden")),
    (bad_request, "Bad Request: message to edit not found", Refused("message_gone")),
    (bad_request, "Bad Request: BUTTON_DATA_INVALID", Refused("bad_buttons")),
    (bad_request, "Bad Request: something new", Refused("bad_request")),
    # it stands there as it should
    (bad_request, "Bad Request: message is not modified: specified new message content ...", Sent()),
    (bad_request, "Bad Request: TOPIC_NOT_MODIFIED", Sent()),
    # once more as plain text
    (
        bad_request,
        "Bad Request: can't parse entities: x",
        BadFormat("Bad Request: can't parse entities: x"),
    ),
    (bad_request, "Bad Request: ENTITY_TEXTURL_INVALID", BadFormat("Bad Request: ENTITY_TEXTURL_INVALID")),
]


@pytest.mark.parametrize(("refusal", "said", "outcome"), REFUSALS)
def test_a_refusal_is_read_by_its_words(
    refusal: Callable[[str], AiogramError], said: str, outcome: TelegramOutcome
) -> None:
    assert outcome_of(refusal(said), MONDAY_MORNING) == outcome


# what aiogram raised, the outcome
ANSWERS: list[tuple[AiogramError, TelegramOutcome]] = [
    (TelegramRetryAfter(CALL, "Too Many Requests", 17), RetryAt(MONDAY_MORNING + timedelta(seconds=17))),
    (TelegramMigrateToChat(CALL, "upgraded", -1002), Migrated(-1002)),
    # aiogram calls this one a network error
    (TelegramEntityTooLarge(CALL, "Request Entity Too Large"), BadMedia("too_big")),
    # answers that say: not done
    (TelegramServerError(CALL, "Internal Server Error"), NotWritten("server_error")),
    (RestartingTelegram(CALL, "restart"), NotWritten("server_error")),
    (TelegramUnauthorizedError(CALL, "Unauthorized"), NotWritten("unauthorized")),
    (TelegramNotFound(CALL, "Not Found"), NotWritten("unauthorized")),
    (TelegramConflictError(CALL, "Conflict"), Refused("bad_request")),
]


@pytest.mark.parametrize(("error", "outcome"), ANSWERS)
def test_an_answer_proves_what_it_says(error: AiogramError, outcome: TelegramOutcome) -> None:
    assert outcome_of(error, MONDAY_MORNING) == outcome


# what could not be decoded, the outcome
ODD: list[tuple[object, TelegramOutcome]] = [
    ("<html><head><title>502 Bad Gateway</title></head></html>", Unknown("no_json")),
    ("<html><head><title>413 Request Entity Too Large</title></head></html>", BadMedia("too_big")),
    ("", Unknown("no_json")),
    ('{"o', Unknown("no_json")),
    # cut off behind the verdict: it is enough
    ('{"ok": true, "result": {"message_id": 17, "da', Sent("17")),
    ('{"ok":true,"result":{"message_id":17', Sent()),  # 17 or 170?
    ('{"ok": false, "error_code": 4', NotWritten("server_error")),
    # JSON of a shape that aiogram does not know
    ({"ok": True, "result": {"message_id": 17, "chat": "of tomorrow"}}, Sent("17")),
    # an album
    ({"ok": True, "result": [{"message_id": 17}, {"message_id": 18}]}, Sent("17,18")),
    ({"ok": True, "result": True}, Sent()),
    ({"result": {}}, Unknown("no_verdict")),
]


@pytest.mark.parametrize(("data", "outcome"), ODD)
def test_an_answer_that_cannot_be_decoded_is_read_as_far_as_it_goes(data: object, outcome: TelegramOutcome) -> None:
    error = ClientDecodeError("Failed to decode object", ValueError("odd"), data)
    assert outcome_of(error, MONDAY_MORNING) == outcome


# how the line broke, whether the request may have arrived
BROKEN: list[tuple[Exception, bool]] = [
    (ClientConnectorError(KEY, ConnectionRefusedError()), False),
    (ClientConnectorDNSError(KEY, OSError()), False),
    (ConnectionTimeoutError("connecting took too long"), False),
    (ClientOSError(104, "Connection reset by peer"), True),
    (ServerDisconnectedError(), True),
    (ClientPayloadError("half a body"), True),
    (SocketTimeoutError("reading took too long"), True),
    (TimeoutError(), True),
]


@pytest.mark.parametrize(("cause", "may_have_arrived"), BROKEN)
def test_only_a_connection_that_was_never_made_wrote_nothing(cause: Exception, may_have_arrived: bool) -> None:
    error = TelegramNetworkError(CALL, "broken")
    error.__cause__ = cause
    assert isinstance(outcome_of(error, MONDAY_MORNING), Unknown if may_have_arrived else NotWritten)

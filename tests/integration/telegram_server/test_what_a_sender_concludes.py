"""The outcome of a real call through a real line, against what the delivery log says."""

from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.telegram.outcomes import BadFormat, BadMedia, Migrated, TelegramOutcome, outcome_of
from conversations.deliveries import NotWritten, Refused, RetryAt, Sent, Unknown
from tests.support.clock import MONDAY_MORNING
from tests.telegram_server.faults import REFUSALS, FaultKind
from tests.telegram_server.server import TelegramServer

# fault, whether the message went out all the same, the outcome
TABLE: list[tuple[FaultKind, bool, TelegramOutcome]] = [
    (FaultKind.BLOCKED, False, Refused("blocked")),
    (FaultKind.DEACTIVATED, False, Refused("deactivated")),
    (FaultKind.KICKED, False, Refused("kicked")),
    (FaultKind.NOT_A_MEMBER, False, Refused("kicked")),
    (FaultKind.CANNOT_INITIATE, False, Refused("not_started")),
    (FaultKind.NO_RIGHT_TO_WRITE, False, Refused("no_rights")),
    (FaultKind.CHAT_NOT_FOUND, False, Refused("not_found")),
    (FaultKind.THREAD_NOT_FOUND, False, Refused("topic_gone")),
    (FaultKind.BAD_ENTITIES, False, BadFormat(REFUSALS[FaultKind.BAD_ENTITIES].description)),
    (FaultKind.TOO_LONG, False, Refused("too_long")),
    (FaultKind.CAPTION_TOO_LONG, False, Refused("too_long")),
    (FaultKind.WRONG_FILE_ID, False, BadMedia("bad_file")),
    (FaultKind.BAD_PHOTO, False, BadMedia("bad_file")),
    (FaultKind.VOICE_FORBIDDEN, False, BadMedia("voice_forbidden")),
    (FaultKind.NOT_MODIFIED, False, Sent()),
    (FaultKind.MIGRATED, False, Migrated(-1002)),
    (FaultKind.TOO_BIG, False, BadMedia("too_big")),
    (FaultKind.UNAUTHORIZED, False, NotWritten("unauthorized")),
    (FaultKind.FLOOD, False, RetryAt(MONDAY_MORNING + timedelta(seconds=5))),
    (FaultKind.SERVER_ERROR, False, NotWritten("server_error")),
    # an answer cut off behind its verdict still gives it
    (FaultKind.CUT_JSON, True, Sent("1")),
    (FaultKind.CUT_JSON, False, NotWritten("server_error")),
    # here nobody can know
    (FaultKind.BAD_GATEWAY, True, Unknown("no_json")),
    (FaultKind.BAD_GATEWAY, False, Unknown("no_json")),
    (FaultKind.CUT_BODY, True, Unknown("ClientPayloadError")),
    (FaultKind.CUT_BODY, False, Unknown("ClientPayloadError")),
    (FaultKind.TIME_OUT, True, Unknown("TimeoutError")),
    (FaultKind.TIME_OUT, False, Unknown("TimeoutError")),
    (FaultKind.RESET, True, Unknown("ClientOSError")),
    (FaultKind.RESET, False, Unknown("ClientOSError")),
]


async def conclude(bot: Bot, text: str = "tea") -> TelegramOutcome:
    try:
        sent = await bot.send_message(71, text, request_timeout=1)
    except AiogramError as error:
        return outcome_of(error, MONDAY_MORNING)
    return Sent(str(sent.message_id))


@pytest.mark.parametrize(("kind", "carried_out", "outcome"), TABLE)
async def test_each_fault_has_its_outcome_and_none_claims_what_the_log_denies(
    server: TelegramServer, bot: Bot, kind: FaultKind, carried_out: bool, outcome: TelegramOutcome
) -> None:
    server.customer(71)
    server.fail(kind, carried_out=carried_out, migrate_to=-1002 if kind is FaultKind.MIGRATED else None)
    assert await conclude(bot) == outcome
    assert server.log.texts(71) == (["tea"] if carried_out else [])


def test_no_fault_is_without_an_outcome() -> None:
    assert {row[0] for row in TABLE} == set(FaultKind)


async def test_a_server_that_is_away_was_never_written_to(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    await server.disappear()
    assert await conclude(bot) == NotWritten("ClientConnectorError")

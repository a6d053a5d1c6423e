"""Every error that Telegram and the line know, and what a real aiogram bot makes of it."""

import asyncio

import pytest
from aiogram import Bot
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
from aiogram.methods import GetStarTransactions

from tests.telegram_server.faults import REFUSALS, FaultKind
from tests.telegram_server.server import TelegramServer

# fault, what aiogram raises, a piece of its text
TABLE: list[tuple[FaultKind, type[AiogramError], str]] = [
    (FaultKind.BLOCKED, TelegramForbiddenError, "blocked by the user"),
    (FaultKind.DEACTIVATED, TelegramForbiddenError, "deactivated"),
    (FaultKind.KICKED, TelegramForbiddenError, "kicked"),
    (FaultKind.NOT_A_MEMBER, TelegramForbiddenError, "not a member"),
    (FaultKind.CANNOT_INITIATE, TelegramForbiddenError, "can't initiate"),
    (FaultKind.NO_RIGHT_TO_WRITE, TelegramBadRequest, "not enough rights"),
    (FaultKind.CHAT_NOT_FOUND, TelegramBadRequest, "chat not found"),
    (FaultKind.THREAD_NOT_FOUND, TelegramBadRequest, "thread not found"),
    (FaultKind.BAD_ENTITIES, TelegramBadRequest, "can't parse entities"),
    (FaultKind.TOO_LONG, TelegramBadRequest, "message is too long"),
    (FaultKind.CAPTION_TOO_LONG, TelegramBadRequest, "caption is too long"),
    (FaultKind.WRONG_FILE_ID, TelegramBadRequest, "wrong file identifier"),
    (FaultKind.BAD_PHOTO, TelegramBadRequest, "PHOTO_INVALID_DIMENSIONS"),
    (FaultKind.VOICE_FORBIDDEN, TelegramBadRequest, "VOICE_MESSAGES_FORBIDDEN"),
    (FaultKind.NOT_MODIFIED, TelegramBadRequest, "not modified"),
    (FaultKind.TOO_BIG, TelegramEntityTooLarge, "Too Large"),
    (FaultKind.UNAUTHORIZED, TelegramUnauthorizedError, "Unauthorized"),
    (FaultKind.SERVER_ERROR, TelegramServerError, "Internal Server Error"),
    (FaultKind.MIGRATED, TelegramMigrateToChat, "migrated to a supergroup"),
    (FaultKind.FLOOD, TelegramRetryAfter, "Retry in 5 seconds"),
]
ON_THE_LINE: list[tuple[FaultKind, type[AiogramError], str]] = [
    (FaultKind.BAD_GATEWAY, ClientDecodeError, "502 Bad Gateway"),
    (FaultKind.CUT_JSON, ClientDecodeError, "Failed to decode"),
    (FaultKind.CUT_BODY, TelegramNetworkError, "ClientPayloadError"),
    (FaultKind.RESET, TelegramNetworkError, "ClientOSError|ServerDisconnected"),
    (FaultKind.TIME_OUT, TelegramNetworkError, "Request timeout"),
]


@pytest.mark.parametrize(("kind", "error", "words"), TABLE)
async def test_a_refused_message_is_not_delivered_and_strikes_one_chat_only(
    server: TelegramServer, bot: Bot, kind: FaultKind, error: type[AiogramError], words: str
) -> None:
    server.customer(71)
    server.customer(72)
    server.fail(kind, chat_id=71, migrate_to=-1002 if kind is FaultKind.MIGRATED else None)
    with pytest.raises(error, match=words):
        await bot.send_message(71, "tea")
    await bot.send_message(72, "tea")
    assert (server.log.texts(71), server.log.texts(72)) == ([], ["tea"])


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize(("kind", "error", "words"), ON_THE_LINE)
async def test_a_broken_line_hides_whether_the_message_was_delivered(
    server: TelegramServer, bot: Bot, kind: FaultKind, error: type[AiogramError], words: str, carried_out: bool
) -> None:
    server.customer(71)
    server.fail(kind, times=1, carried_out=carried_out)
    with pytest.raises(error, match=words):
        await bot.send_message(71, "first", request_timeout=1)
    await bot.send_message(71, "second")
    assert server.log.texts(71) == (["first", "second"] if carried_out else ["second"])


def test_every_fault_is_in_one_of_the_two_tables() -> None:
    assert {row[0] for row in TABLE + ON_THE_LINE} == set(FaultKind)
    assert {row[0] for row in TABLE} == set(REFUSALS) | {FaultKind.FLOOD}


async def test_a_server_that_is_away_refuses_connections_and_comes_back_with_all_it_knew(
    server: TelegramServer, bot: Bot
) -> None:
    server.customer(71).says("tea")
    await server.disappear()
    with pytest.raises(TelegramNetworkError, match="ClientConnectorError"):
        await bot.send_message(71, "tea")
    await server.appear()
    await bot.send_message(71, "tea")
    assert server.log.texts(71) == ["tea"]
    assert len(await bot.get_updates()) == 1


async def test_an_unknown_method_is_404_and_a_violation(server: TelegramServer, bot: Bot) -> None:
    with pytest.raises(TelegramNotFound):
        await bot(GetStarTransactions())
    assert [violation.kind for violation in server.log.violations] == ["unknown_method"]
    with pytest.raises(AssertionError):
        server.log.assert_obeyed()


async def test_a_wrong_token_is_unauthorized(server: TelegramServer, bot: Bot) -> None:
    server.world.token = "42:another"
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()


async def test_a_share_of_calls_can_fail(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    server.fail("server_error", method="sendMessage", share=0.5)
    results = await asyncio.gather(*(bot.send_message(71, str(n)) for n in range(40)), return_exceptions=True)
    failed = sum(isinstance(result, TelegramServerError) for result in results)
    assert 10 <= failed <= 30
    assert len(server.log.texts(71)) == 40 - failed

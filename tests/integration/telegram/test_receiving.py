"""What customers send arrives once, in order and whole, polled for or posted."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot.telegram.raw_updates import ALLOWED_UPDATES
from bot.telegram.webhook import PATH
from conversations.batches import Batch
from conversations.models import InboxEvent, Message
from conversations.service import Conversations
from conversations.values import AttachmentKind, Author, InboxState
from core.clock import SystemClock
from core.database import Database
from core.settings import TelegramMode
from tests.integration.loops.books import until
from tests.support.databases import DatabaseKind
from tests.support.echo_engine import EchoEngine, prepare_echo
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import BotPlan, RunningBot, running_bot
from tests.telegram_server.methods.contents import list_buttons
from tests.telegram_server.odd_updates import mutants, unknown_enum, unknown_kind
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json
from tests.telegram_server.webhook import SECRET_HEADER

POLLING, WEBHOOK = TelegramMode.POLLING, TelegramMode.WEBHOOK
both_modes = pytest.mark.parametrize("mode", [POLLING, WEBHOOK], ids=str)


@pytest.fixture
async def echo(database: Database) -> EchoEngine:
    await prepare_echo(database)
    return EchoEngine(database, SystemClock())


def engine_on(database: Database) -> Conversations:
    return Conversations(database, SystemClock(), HandMadeKnowledge((), {}), POLICIES)


async def handled(server: TelegramServer, bot: RunningBot, within: float = 10) -> None:
    assert await server.updates.drained(within)
    await bot.idle()


async def said_by_customers(database: Database) -> list[Message]:
    async with database.read() as session:
        own = select(Message).where(Message.author == Author.CUSTOMER).order_by(Message.id)
        return list(await session.scalars(own))


async def parked(database: Database) -> list[InboxEvent]:
    async with database.read() as session:
        return list(await session.scalars(select(InboxEvent).where(InboxEvent.state == InboxState.PARKED)))


@both_modes
async def test_an_update_that_comes_a_thousand_times_counts_once(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path, mode: TelegramMode
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, echo, tmp_path, BotPlan(mode)) as bot:
        done = anna.says("tea")
        update: Json = {"update_id": done.update_id, "message": done.message}
        intake = bot.door.webhook.intake if bot.door.webhook else None
        for _ in range(10):
            server.updates.put(update)
            await handled(server, bot)
        if intake:
            await asyncio.gather(*(intake.take([update]) for _ in range(1000)))
        await handled(server, bot)
    assert server.log.texts(71) == ["tea"]


@both_modes
async def test_what_nobody_understands_is_parked_and_the_next_one_is_answered(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path, mode: TelegramMode
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, echo, tmp_path, BotPlan(mode)) as bot:
        server.inject(unknown_kind())
        server.inject(unknown_enum(71))
        anna.says("tea")
        await handled(server, bot)
    assert server.log.texts(71) == ["tea"]
    assert len(await parked(database)) == 2


@both_modes
async def test_a_press_is_acknowledged_before_it_is_answered(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path, mode: TelegramMode
) -> None:
    async def answers_afterwards(batch: Batch) -> None:
        await server.log.until(lambda log: bool(log.called("answerCallbackQuery")))
        await echo(batch)

    server.customer(71).presses_data("b|yes:1:0", 1)
    async with running_bot(server, database, answers_afterwards, tmp_path, BotPlan(mode)) as bot:
        await handled(server, bot)
    assert len(server.log.texts(71)) == 1


async def test_a_press_that_cannot_be_acknowledged_is_noted(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    server.customer(71).presses_data("b|yes:1:0", 1)
    (press,) = [item.update for item in server.updates.waiting()]
    server.updates.drop_all()
    with capture_logs() as logs:
        async with running_bot(server, database, echo, tmp_path, BotPlan(POLLING)) as bot:
            server.inject({"callback_query": {**press["callback_query"], "id": "\ud83d"}})
            await handled(server, bot)
    assert [line["error"] for line in logs if line["event"] == "telegram.press_not_acknowledged"] == [
        "UnicodeEncodeError"
    ]


async def good_updates(server: TelegramServer) -> list[Json]:
    """One of each kind, to be damaged."""
    anna = server.customer(71)
    anna.says("[link] 😀 /start AB12")
    anna.sends_album([b"one", b"two"], "caption")
    anna.sends_contact("+8613800138000")
    anna.sends_location(30.2, 120.1)
    for kind in ("voice", "video_note", "document", "sticker", "animation"):
        anna.sends_file(kind)
    anna.edits(1, "other words")
    anna.presses_data("b|yes:1:0", 1)
    anna.blocks_bot()
    anna.unblocks_bot()
    server.group(-5)
    server.member(-5, 8).adds_bot()
    updates = [item.update for item in server.updates.waiting()]
    server.updates.drop_all()
    return [{name: value for name, value in update.items() if name != "update_id"} for update in updates]


async def feed_mutants(server: TelegramServer, bot: RunningBot, count: int, seed: int) -> None:
    """Damaged updates by the hundred, behind each hundred a good one that must be answered within five seconds.

    In the end each of them must have been stored, once.
    """
    contents, numbers = await good_updates(server), list[int | None]()
    for number, mutant in enumerate(mutants(contents, count, seed), 1):
        numbers.append(server.inject(mutant))
        if number % 100 == 0:
            other = server.customer(100_000 + number)
            numbers.append(other.says("hello").update_id)
            await server.log.until_texts(100_000 + number, 1, within=5)
    await handled(server, bot, within=10 + count / 50)  # of one chat Telegram posts one after the other
    async with bot.database.read() as session:
        stored = list(await session.scalars(select(InboxEvent.external_id).order_by(InboxEvent.id)))
    assert len(numbers) == count + count // 100
    assert sorted(stored) == sorted(map(str, numbers))


@pytest.mark.db
async def test_a_thousand_damaged_updates_stop_nothing(
    server: TelegramServer, database: Database, database_kind: DatabaseKind, tmp_path: Path
) -> None:
    """Polled for on one database and posted on the other; `make soak` does both on both."""
    mode = POLLING if database_kind is DatabaseKind.POSTGRESQL else WEBHOOK
    async with running_bot(server, database, engine_on(database).handle, tmp_path, BotPlan(mode)) as bot:
        await feed_mutants(server, bot, 1000, seed=1)
    assert len(await parked(database)) > 500


@pytest.mark.soak
@pytest.mark.db
@both_modes
async def test_ten_thousand_damaged_updates_stop_nothing(
    server: TelegramServer, database: Database, tmp_path: Path, mode: TelegramMode
) -> None:
    async with running_bot(server, database, engine_on(database).handle, tmp_path, BotPlan(mode)) as bot:
        await feed_mutants(server, bot, 10_000, seed=3)
    assert len(await parked(database)) > 5000


@both_modes
async def test_an_album_is_one_message_and_is_answered_once(
    server: TelegramServer, database: Database, tmp_path: Path, mode: TelegramMode
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path, BotPlan(mode)) as bot:
        anna.sends_album([b"one", b"two", b"three"], "the tin is broken")
        await handled(server, bot)
    (message,) = await said_by_customers(database)
    assert (message.text, len(message.attachments)) == ("the tin is broken", 3)


@both_modes
async def test_what_a_chat_wrote_while_the_shop_was_away_is_answered_together(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path, mode: TelegramMode
) -> None:
    an_hour_ago = server.world.date() - 3600
    for chat in range(1, 31):
        for number in range(8):
            server.customer(chat).sends({"text": f"n{number}", "date": an_hour_ago})
    async with running_bot(server, database, echo, tmp_path, BotPlan(mode)) as bot:
        await handled(server, bot)
    together = " | ".join(f"n{number}" for number in range(8))
    assert {tuple(server.log.texts(chat)) for chat in range(1, 31)} == {(together,)}


#: What is sent beside words, and as what it is kept.
CARRIED = {
    "photo": AttachmentKind.PHOTO,
    "voice": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "animation": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "document": AttachmentKind.DOCUMENT,
    "sticker": AttachmentKind.STICKER,
}


async def test_whatever_is_sent_beside_words_is_kept_as_what_it_is(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path) as bot:
        for kind in CARRIED:
            anna.sends_file(kind)
        anna.sends_location(30.2, 120.1)
        await handled(server, bot)
    *files, place = [attachment for message in await said_by_customers(database) for attachment in message.attachments]
    assert [file.kind for file in files] == list(CARRIED.values())
    assert all(file.remote_id for file in files)
    assert (place.kind, place.data) == (AttachmentKind.LOCATION, {"latitude": 30.2, "longitude": 120.1})


async def test_a_contact_s_number_is_taken_only_when_it_is_the_sender_s_own(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path) as bot:
        anna.sends_contact("+8613800138000")
        anna.sends_contact("+8613900139000", own=False)
        await handled(server, bot)
    contacts = [attachment for message in await said_by_customers(database) for attachment in message.attachments]
    assert [(contact.kind, contact.data) for contact in contacts] == [
        (AttachmentKind.CONTACT, {"phone": "+8613800138000"}),
        (AttachmentKind.CONTACT, {}),
    ]


async def test_a_reply_points_at_the_message_that_is_quoted_and_keeps_the_part_that_was_picked_out(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path) as bot:
        first = anna.says("hello")
        await handled(server, bot)
        answer = next(iter(server.log.messages(71)))
        anna.says("what do you mean", reply_to=answer.message_id)
        anna.says("I said hello", reply_to=first.message_id)
        part = {"text": "an automatic assistant", "position": 9, "is_manual": True}
        anna.sends({"text": "are you", "quote": part}, reply_to=answer.message_id)
        await handled(server, bot)
    async with database.read() as session:
        rows = list(await session.scalars(select(Message).order_by(Message.id)))
    by_text = {row.text: row for row in rows}
    quoted = {row.id: row for row in rows}
    assert quoted[by_text["what do you mean"].reply_to_id or 0].author is Author.BOT
    assert quoted[by_text["I said hello"].reply_to_id or 0].text == "hello"
    assert by_text["are you"].reply_to_id == by_text["what do you mean"].reply_to_id
    assert (by_text["are you"].quote, by_text["what do you mean"].quote) == ("an automatic assistant", None)


@both_modes
async def test_a_press_is_acknowledged_and_answered_and_a_forged_one_politely_refused(
    server: TelegramServer, database: Database, tmp_path: Path, mode: TelegramMode
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path, BotPlan(mode)) as bot:
        anna.says("/start")
        await handled(server, bot)
        presses = [anna.presses("Ask a person"), anna.presses_data("not ours", 1), anna.presses_data("b|yes:99:0", 1)]
        await handled(server, bot)
    assert [len(server.world.presses[press].answers) for press in presses] == [1, 1, 1]
    assert [line for line in server.log.texts(71) if "out of date" in line]
    buttons = [button for message in server.screen(71) for button in list_buttons(message.get("reply_markup", {}))]
    assert all(len(button["callback_data"].encode()) <= 64 for button in buttons)


async def test_the_code_behind_start_reaches_the_engine_as_it_was_opened(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, echo, tmp_path) as bot:
        anna.says("/start AB_12-cd")
        await handled(server, bot)
    assert server.log.texts(71) == ["/start AB_12-cd"]


async def test_without_the_secret_nothing_comes_in(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    async with running_bot(server, database, echo, tmp_path, BotPlan(WEBHOOK)) as bot:
        await until(lambda: is_registered(server), 10)
        url = server.world.webhook.settings.url
        assert url.endswith(PATH)
        assert bot.door.webhook is not None
        shown: list[dict[bytes, bytes]] = [
            {},
            {SECRET_HEADER.encode(): b"wrong"},
            {SECRET_HEADER.encode(): "秘密".encode()},
            {SECRET_HEADER.encode(): bot.door.webhook.secret.encode()[:-1]},
        ]
        async with httpx.AsyncClient() as outside:
            statuses = [(await outside.post(url, json={"update_id": 1}, headers=each)).status_code for each in shown]
    assert statuses == [401, 401, 401, 401]


async def is_registered(server: TelegramServer) -> bool:
    return bool(server.world.webhook.settings.url)


async def test_a_post_that_is_no_update_is_taken_and_parked_since_it_would_come_for_ever(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    bodies = [b"", b"not json", b"[1]", b'{"update_id": "x"}', b"[" * 5000, b'{"update_id": 7, "message": null}']
    async with running_bot(server, database, echo, tmp_path, BotPlan(WEBHOOK)) as bot:
        await until(lambda: is_registered(server), 10)
        assert bot.door.webhook is not None
        headers = {SECRET_HEADER: bot.door.webhook.secret}
        async with httpx.AsyncClient() as telegram:
            url = server.world.webhook.settings.url
            statuses = [(await telegram.post(url, content=body, headers=headers)).status_code for body in bodies]
        await bot.idle()
    assert statuses == [200] * len(bodies)
    assert len(await parked(database)) == len(bodies)


@both_modes
async def test_while_the_database_is_away_nothing_is_confirmed_and_afterwards_all_is_answered(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path, mode: TelegramMode
) -> None:
    people = [server.customer(chat) for chat in range(1, 6)]
    server.world.webhook.retry_after = 60  # unless it is told when to post again
    async with running_bot(server, database, echo, tmp_path, BotPlan(mode)) as bot:
        if mode is WEBHOOK:
            await until(lambda: is_registered(server), 10)
        await rename(database, "inbox_event", "inbox_event_away")
        for person in people:
            person.says("tea")
        assert not await server.updates.drained(0.7)
        if mode is WEBHOOK:
            assert {attempt.status for attempt in server.world.webhook.attempts} == {503}
        await rename(database, "inbox_event_away", "inbox_event")
        assert await server.updates.drained(15)
        await bot.idle()
    assert [server.log.texts(chat) for chat in range(1, 6)] == [["tea"]] * 5


async def rename(database: Database, old: str, new: str) -> None:
    async with database.write() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_polling_goes_on_after_a_webhook_of_earlier_days_and_beside_another_program(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    anna = server.customer(71)
    server.updates.allow(["inline_query"])
    async with running_bot(server, database, echo, tmp_path, BotPlan(WEBHOOK)):
        await until(lambda: is_registered(server), 10)
    assert server.updates.allowed == set(ALLOWED_UPDATES)
    anna.says("one")
    server.updates.allow(["inline_query"])
    async with running_bot(server, database, echo, tmp_path, BotPlan(POLLING)) as bot:
        await handled(server, bot)
        server.updates.end_poll(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        anna.says("two")
        await handled(server, bot)
    assert server.log.texts(71) == ["one", "two"]
    assert server.updates.allowed == set(ALLOWED_UPDATES)
    assert "my_chat_member" in server.updates.allowed


async def test_numbers_that_begin_anew_below_the_last_one_are_taken(
    server: TelegramServer, database: Database, echo: EchoEngine, tmp_path: Path
) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, echo, tmp_path) as bot:
        anna.says("one")
        await handled(server, bot)
        server.updates.next_id = 17
        anna.says("two")
        await handled(server, bot)
    assert server.log.texts(71) == ["one", "two"]

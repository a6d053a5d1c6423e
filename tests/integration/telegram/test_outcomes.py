"""A table of a hundred chats a row: whatever Telegram does to some, each gets its one right outcome, no other any."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from conversations.deliveries import DeliveryDraft
from conversations.models import Delivery
from conversations.outbox import OutboxPace
from conversations.service import Conversations
from conversations.values import DeliveryKind, DeliveryState
from core.clock import SystemClock
from core.database import Database
from customers.identities import find_identity
from tests.integration.loops.books import until
from tests.integration.telegram.outbox import BOLD, draft, list_all, put
from tests.support.databases import DatabaseKind
from tests.support.echo_engine import EchoEngine
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import ACCOUNT, BotPlan, running_bot
from tests.telegram_server.faults import FaultKind
from tests.telegram_server.server import TelegramServer

#: Chats a row, in CI.
SOME = {DatabaseKind.SQLITE: 100, DatabaseKind.POSTGRESQL: 10}
_PLAN = BotPlan(outbox=OutboxPace(tick=0.1, call=4.0, lease=5.0))
SENT, FAILED, UNKNOWN = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN
REPLY, AGENT = DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY


@dataclass(frozen=True, slots=True)
class Row:
    """A fault that strikes each second chat's calls `times` (None: always), and what must come of it.

    `arrived`: how often the message is on the customer's screen in the end.
    """

    fault: FaultKind
    state: DeliveryState
    because: str | None = None
    arrived: int = 1
    times: int | None = None
    carried_out: bool = False
    resent: bool = False
    kind: DeliveryKind = REPLY
    payload: dict[str, Any] = field(default_factory=dict)


TABLE = [
    Row(FaultKind.BLOCKED, FAILED, "blocked", arrived=0),
    Row(FaultKind.DEACTIVATED, FAILED, "deactivated", arrived=0),
    Row(FaultKind.CHAT_NOT_FOUND, FAILED, "not_found", arrived=0),
    # the formatting is refused once; then the words go out without it
    Row(FaultKind.BAD_ENTITIES, SENT, times=1, payload={"entities": BOLD}),
    # and when even the words are refused
    Row(FaultKind.BAD_ENTITIES, FAILED, "bad_format", arrived=0, payload={"entities": BOLD}),
    Row(FaultKind.TOO_LONG, FAILED, "too_long", arrived=0),
    Row(FaultKind.TOO_BIG, FAILED, "too_big", arrived=0),
    # an edit that changes nothing has reached what it wanted
    Row(FaultKind.NOT_MODIFIED, SENT, arrived=0, payload={"edits": True}),
    # Telegram says itself that it did nothing: tried again
    Row(FaultKind.SERVER_ERROR, SENT, times=1),
    # nobody knows: a bot's reply goes once more, a colleague's words wait for her decision
    Row(FaultKind.RESET, SENT, times=1, resent=True),
    Row(FaultKind.RESET, SENT, times=1, carried_out=True, arrived=2, resent=True),
    Row(FaultKind.RESET, UNKNOWN, "ClientOSError", arrived=0, times=1, kind=AGENT),
    Row(FaultKind.RESET, UNKNOWN, "ClientOSError", arrived=1, times=1, carried_out=True, kind=AGENT),
    # an answer cut off behind its verdict still gives it
    Row(FaultKind.CUT_JSON, SENT, times=1, carried_out=True),
    Row(FaultKind.BAD_GATEWAY, UNKNOWN, "no_json", arrived=1, times=1, carried_out=True, kind=AGENT),
]  # fmt: skip


def chats_of(number: int, count: int) -> list[int]:
    return [1000 * (number + 1) + chat for chat in range(count)]


async def drafts_of(database: Database, chats: list[int], row: Row) -> list[DeliveryDraft]:
    """What goes out: an edit has something that it edits, a message that arrived before."""
    if "edits" not in row.payload:
        return [draft(chat, "tea", row.kind, **row.payload) for chat in chats]
    tomorrow = SystemClock().now() + timedelta(days=1)
    await put(database, [draft(chat, "before", due_at=tomorrow) for chat in chats])
    earlier = update(Delivery).where(Delivery.dedupe_key.endswith(":before"))
    async with database.write() as session:
        sent = earlier.values(state=SENT, external_id="1").returning(Delivery.lane, Delivery.id)
        ids = {int(lane): id_ for lane, id_ in (await session.execute(sent)).all()}
    return [draft(chat, "tea", row.kind, edits=ids[chat]) for chat in chats]


def is_struck(chat: int) -> bool:
    return chat % 2 == 0


def prepare_chats(server: TelegramServer, chats: list[int], row: Row) -> None:
    for chat in chats:
        person = server.customer(chat)
        if "edits" in row.payload:
            person.chat.post(server.world.bot_user, server.world.date(), {"text": "before"})
        if is_struck(chat):
            server.fail(row.fault, chat_id=chat, times=row.times, carried_out=row.carried_out)


def expected(row: Row, chat: int) -> tuple[DeliveryState, str | None, bool, int]:
    """State, reason, whether it may have arrived twice, how many new messages are on the screen."""
    if is_struck(chat):
        return row.state, row.because, row.resent, row.arrived
    return SENT, None, False, 0 if "edits" in row.payload else 1


async def judge_table(server: TelegramServer, database: Database, folder: Path, count: int) -> None:
    """`count` chats a row."""
    rows = [(chats_of(number, count), row) for number, row in enumerate(TABLE)]
    for chats, row in rows:
        prepare_chats(server, chats, row)
    async with running_bot(server, database, EchoEngine(database, SystemClock()), folder, _PLAN) as bot:
        for chats, row in rows:
            await put(database, await drafts_of(database, chats, row))
        await bot.idle(60)
    found = {int(delivery.lane): delivery for delivery in await list_all(database)}  # the last of each
    for chats, row in rows:
        for chat in chats:
            delivery, arrived = found[chat], len(server.log.texts(chat))
            because = None if delivery.state is SENT else delivery.because
            assert (delivery.state, because, delivery.resent, arrived) == expected(row, chat), (row, chat)


@pytest.mark.db
async def test_each_chat_gets_its_one_right_outcome_and_the_others_are_not_affected(
    server: TelegramServer, database: Database, database_kind: DatabaseKind, tmp_path: Path
) -> None:
    """`make soak` does a hundred on both."""
    await judge_table(server, database, tmp_path, SOME[database_kind])


@pytest.mark.soak
@pytest.mark.db
async def test_a_hundred_chats_a_row_get_their_one_right_outcome(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    await judge_table(server, database, tmp_path, 100)
    await judge_moves(server, database, tmp_path, 100)


@pytest.mark.db
async def test_a_group_that_became_a_supergroup_is_written_to_under_its_new_id_for_ever(
    server: TelegramServer, database: Database, database_kind: DatabaseKind, tmp_path: Path
) -> None:
    await judge_moves(server, database, tmp_path, SOME[database_kind])


async def judge_moves(server: TelegramServer, database: Database, folder: Path, count: int) -> None:
    """Each second one of `count` groups moves."""
    groups = {-1 - number: -1_000_000_000_001 - number for number in range(count)}
    owner = server.customer(7)
    async with running_bot(server, database, EchoEngine(database, SystemClock()), folder, _PLAN) as bot:
        for old, new in groups.items():
            server.group(old)
            if is_struck(old):
                server.upgrade(old, new, owner)
        await put(database, [draft(old, text) for text in ("one", "two", "three") for old in groups])
        await bot.idle(60)
    ids = {old: new if is_struck(old) else old for old, new in groups.items()}
    assert {tuple(server.log.texts(chat)) for chat in ids.values()} == {("one", "two", "three")}
    lanes = Counter(delivery.lane for delivery in await list_all(database) if delivery.lane.startswith("-"))
    assert lanes == {str(id_): 3 for id_ in ids.values()}
    # Telegram also tells of the move by itself: whoever hears of it before its turn is not tried under the old id.
    refused = Counter(call.chat_id for call in server.log.calls if call.status == 400 and (call.chat_id or 0) < 0)
    assert set(refused.values()) == {1}, "an old id is tried once"


async def test_a_customer_whom_nothing_reaches_counts_as_unreachable_until_they_write(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna = server.customer(71)
    engine = Conversations(database, SystemClock(), HandMadeKnowledge((), {}), POLICIES).handle
    async with running_bot(server, database, engine, tmp_path, _PLAN) as bot:
        for fault in (FaultKind.BLOCKED, FaultKind.DEACTIVATED):
            server.fail(fault, chat_id=71)
            anna.says("person")
            assert await server.updates.drained(10)
            await bot.idle()
            assert await reachability(database) == (False, fault.value)
            server.world.faults.clear()
            anna.says("hello")
            assert await server.updates.drained(10)
            await bot.idle()
            assert await reachability(database) == (True, None)


async def test_who_blocks_the_bot_is_unreachable_until_they_let_it_in_again(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    """Telegram tells of it, whether or not anything was sent meanwhile."""
    anna = server.customer(71)
    engine = Conversations(database, SystemClock(), HandMadeKnowledge((), {}), POLICIES).handle
    async with running_bot(server, database, engine, tmp_path, _PLAN) as bot:
        found = []
        for deed in (lambda: anna.says("hello"), anna.blocks_bot, anna.unblocks_bot):
            deed()
            assert await server.updates.drained(10)
            await bot.idle()
            found.append(await reachability(database))
    assert found == [(True, None), (False, "blocked"), (True, None)]
    assert len(server.log.texts(71)) == 1


async def reachability(database: Database) -> tuple[bool, str | None]:
    async with database.read() as session:
        identity = await find_identity(session, ACCOUNT, "71")
    assert identity is not None
    return identity.reachable, identity.unreachable_because


async def test_what_is_queued_for_a_server_that_is_away_arrives_when_it_is_back(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    server.customer(71)
    async with running_bot(server, database, EchoEngine(database, SystemClock()), tmp_path, _PLAN) as bot:
        await server.disappear()
        await put(database, [draft(71, "one"), draft(71, "two", AGENT)])
        await until_tried(database)
        await server.appear()
        await bot.idle(30)
    assert server.log.texts(71) == ["one", "two"]
    assert [delivery.resent for delivery in await list_all(database)] == [False, False]


async def until_tried(database: Database) -> None:
    async def is_tried() -> bool:
        return (await list_all(database))[0].because == "not_written"

    await until(is_tried, 10)

"""The bot in Telegram beyond one chat: its profile, groups, files, typing, its own start."""

from pathlib import Path

import pytest
from sqlalchemy import select

from bot.telegram.account import open_account
from bot.telegram.connection import make_bot
from bot.telegram.file_fetching import FileFetcher, Quota
from bot.telegram.groups import Groups
from bot.telegram.profile import ProfileKeeper
from conversations.file_models import FileState, StoredFile
from conversations.models import Account
from conversations.service import Conversations
from conversations.values import Attachment
from core.clock import SystemClock
from core.database import Database
from core.errors import Conflict
from core.files import FolderStore
from core.secretbox import SecretBox
from core.shop import write_shop
from core.shop_facts import Localised, ShopFacts
from tests.integration.loops.books import until
from tests.integration.telegram.test_receiving import handled, said_by_customers
from tests.support.echo_engine import EchoEngine, prepare_echo
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import ACCOUNT, SECRET, BotPlan, RunningClock, running_bot, telegram_settings
from tests.telegram_server.chats import Chat
from tests.telegram_server.faults import FaultKind
from tests.telegram_server.server import TelegramServer

SHOP = ShopFacts(name=Localised(zh="西湖茶铺", en="West Lake Tea"), privacy_url="https://shop.example/privacy")
GROUP = -100500


def engine_on(database: Database) -> Conversations:
    return Conversations(database, SystemClock(), HandMadeKnowledge((), {}), POLICIES)


async def test_the_profile_is_set_in_both_languages_and_only_when_it_changes(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    settings, clock = telegram_settings(database, server.url), SystemClock()
    bot = make_bot(settings)
    await open_account(bot, database, clock, SecretBox(SECRET))
    keeper = ProfileKeeper(bot, database, clock, settings, ACCOUNT)
    async with database.write() as session:
        await write_shop(session, SHOP, "test", clock.now())
    server.fail(FaultKind.FLOOD, method="setMyCommands", times=1)
    await keeper.bring_up_to_date()
    await keeper.bring_up_to_date()
    profile = server.world.profile
    assert profile["name"] == {"": "西湖茶铺", "zh": "西湖茶铺", "en": "West Lake Tea"}
    assert {code: "https://shop.example/privacy" in text for code, text in profile["description"].items()} == {
        "": True,
        "zh": True,
        "en": True,
    }
    assert "Customer service of West Lake Tea" in profile["short_description"]["en"]
    assert profile["short_description"][""] == profile["short_description"]["zh"] != profile["short_description"]["en"]
    menus = [profile["commands"][f"default/{code}"] for code in ("", "zh", "en")]
    assert menus[0] == menus[1] != menus[2]
    assert [command["command"] for command in menus[1]] == [command["command"] for command in menus[2]]
    commands = [command["command"] for command in menus[2]]
    assert commands == ["start", "help", "orders", "cases", "me", "person", "stop", "link", "language", "privacy"]
    calls = len(server.log.calls)
    await keeper.bring_up_to_date()
    assert len(server.log.calls) == calls
    await bot.session.close()


async def test_a_stray_group_gets_one_polite_line_and_is_left_after_ten_minutes(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    clock = RunningClock()
    server.group(GROUP, "Tea lovers", bot="left")
    li = server.member(GROUP, 8)
    settings = telegram_settings(database, server.url)
    line = make_bot(settings)
    groups = Groups(line, database, clock, settings, ACCOUNT)
    async with running_bot(server, database, engine_on(database).handle, tmp_path, BotPlan(clock=clock)) as bot:
        li.adds_bot()
        li.says("/help")
        await handled(server, bot)
        assert len(server.log.texts(GROUP)) == 1
        assert "只能一对一聊天" in server.log.texts(GROUP)[0]
        assert "one to one" in server.log.texts(GROUP)[0]
        clock.advance(minutes=9)
        await groups.leave_due()
        assert not has_left(server.world.chats[GROUP])
        clock.advance(minutes=1)
        await groups.leave_due()
        assert has_left(server.world.chats[GROUP])
        await handled(server, bot)
    await line.session.close()


def has_left(chat: Chat) -> bool:
    return chat.members[42].status == "left"


async def test_files_are_kept_with_their_telegram_handle(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna = server.customer(71)
    plan = BotPlan(loops=("poller", "files"))
    async with running_bot(server, database, engine_on(database).handle, tmp_path, plan) as bot:
        anna.sends_file("photo", b"a broken tin", caption="look")
        anna.sends_file("voice", b"words")
        anna.sends_file("document", b"small", name="big.pdf", size=21 * 1024 * 1024)
        await handled(server, bot)
        await until(lambda: are_settled(database, 3), 20)
        attachments = [each for message in await said_by_customers(database) for each in message.attachments]
        assert [content_of(bot.files, each) for each in attachments] == [b"a broken tin", b"words", None]
        assert all(each.remote_id for each in attachments)
    states = {row.name: (row.state, row.because) for row in await list_files(database)}
    assert states["big.pdf"] == (FileState.REFUSED, "too_big")


def content_of(files: FolderStore, attachment: Attachment) -> bytes | None:
    path = files.find(attachment.file_id or "")
    return path.read_bytes() if path else None


async def list_files(database: Database) -> list[StoredFile]:
    async with database.read() as session:
        return list(await session.scalars(select(StoredFile).order_by(StoredFile.created_at)))


async def are_settled(database: Database, count: int) -> bool:
    rows = await list_files(database)
    return len(rows) == count and all(row.state is not FileState.WAITING for row in rows)


async def test_one_customer_cannot_fill_the_disk(server: TelegramServer, database: Database, tmp_path: Path) -> None:
    anna = server.customer(71)
    async with running_bot(server, database, engine_on(database).handle, tmp_path) as bot:
        for _ in range(4):
            anna.sends_file("document", b"x" * 400)
        await handled(server, bot)
    settings, clock = telegram_settings(database, server.url), SystemClock()
    line = make_bot(settings)
    fetcher = FileFetcher(line, database, clock, FolderStore(tmp_path / "files"), ACCOUNT, Quota(per_customer=1000))
    while await fetcher.fetch_due():
        pass
    await line.session.close()
    rows = await list_files(database)
    assert sorted((row.state, row.because) for row in rows) == [
        (FileState.HERE, None),
        (FileState.HERE, None),
        (FileState.REFUSED, "quota"),
        (FileState.REFUSED, "quota"),
    ]


async def test_typing_is_shown_while_an_answer_takes_its_time(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    await prepare_echo(database)
    echo = EchoEngine(database, SystemClock())

    async def slow(batch: object) -> None:
        await server.log.until(lambda log: bool(log.called("sendChatAction")))
        await echo(batch)  # type: ignore[arg-type]

    server.customer(71).says("tea")
    async with running_bot(server, database, slow, tmp_path) as bot:
        await handled(server, bot)
    assert server.log.texts(71) == ["tea"]
    assert [call.chat_id for call in server.log.called("sendChatAction")] == [71]


async def test_a_wrong_token_stops_the_start_with_the_remedy(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    settings = telegram_settings(database, server.url, telegram_token="42:wrong")
    bot = make_bot(settings)
    with pytest.raises(Conflict, match=r"KEFU_TELEGRAM_TOKEN.*@BotFather"):
        await open_account(bot, database, SystemClock(), SecretBox(SECRET))
    await bot.session.close()


async def test_a_bot_that_is_known_starts_without_telegram_and_keeps_its_secret_encrypted(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    bot = make_bot(telegram_settings(database, server.url))
    first = await open_account(bot, database, SystemClock(), SecretBox(SECRET))
    await server.disappear()
    again = await open_account(bot, database, SystemClock(), SecretBox(SECRET))
    await bot.session.close()
    assert first == again
    async with database.read() as session:
        account = await session.get_one(Account, ACCOUNT)
    assert first.webhook_secret not in str(account.data)

"""`kefu doctor` says what is wrong on Telegram's side, and what to do."""

from typing import Any

import pytest

from bot.health.findings import Finding
from bot.telegram.connection import make_bot
from bot.telegram.examination import examine
from bot.telegram.models import StrayGroup
from core.clock import SystemClock
from core.database import Database
from tests.support.telegram_bot import ACCOUNT, telegram_settings
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.webhook import WebhookSettings

GROUP = -100500
HERE = "http://127.0.0.1:1"


async def findings(server: TelegramServer, database: Database, **settings: Any) -> dict[str, Finding]:
    given = telegram_settings(database, server.url, **settings)
    bot = make_bot(given)
    found = [finding async for finding in examine(bot, given, database, SystemClock())]
    await bot.session.close()
    return {finding.name: finding for finding in found}


def posting(**more: Any) -> dict[str, Any]:
    return {"telegram_mode": "webhook", "public_url": HERE, **more}


async def test_all_is_well(server: TelegramServer, database: Database) -> None:
    found = await findings(server, database)
    assert all(finding.well for finding in found.values())
    assert found["telegram token"].found == "@kefu_test_bot"
    assert "administrator" in found["telegram privacy mode"].found


async def test_a_wrong_token(server: TelegramServer, database: Database) -> None:
    found = await findings(server, database, telegram_token="42:wrong")
    assert list(found) == ["telegram token"]
    assert not found["telegram token"].well
    assert "@BotFather" in found["telegram token"].remedy


async def test_a_server_that_is_away(server: TelegramServer, database: Database) -> None:
    await server.disappear()
    found = await findings(server, database)
    assert "cannot be reached" in found["telegram token"].found
    assert "KEFU_TELEGRAM_API_URL" in found["telegram token"].remedy


async def test_a_webhook_that_stands_in_the_way_of_polling(server: TelegramServer, database: Database) -> None:
    await server.world.webhook.set(WebhookSettings("http://127.0.0.1:1/other"))
    found = await findings(server, database)
    assert not found["telegram webhook"].well
    assert "another program" in found["telegram webhook"].remedy


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:1/elsewhere"])
async def test_a_webhook_that_is_not_ours(server: TelegramServer, database: Database, url: str) -> None:
    if url:
        await server.world.webhook.set(WebhookSettings(url))
    found = await findings(server, database, **posting())
    assert not found["telegram webhook"].well
    assert "KEFU_PUBLIC_URL" in found["telegram webhook"].remedy


async def test_posts_that_do_not_get_through(server: TelegramServer, database: Database) -> None:
    await server.world.webhook.set(WebhookSettings(f"{HERE}/telegram/webhook"))
    assert (await findings(server, database, **posting()))["telegram webhook"].well
    server.customer(71).says("tea")
    await server.updates.changes.until(lambda: bool(server.world.webhook.last_error), 5)
    found = await findings(server, database, **posting())
    assert "Telegram reports" in found["telegram webhook"].found
    assert "certificate" in found["telegram webhook"].remedy


#: Whether privacy mode is on, what the bot is in the agents' group, whether that is well, what is said and the remedy.
PRIVACY = [
    # it hears nothing that agents write
    (True, "member", False, f"hears only commands in desk {GROUP}", ["administrator", "/setprivacy, Disable"]),
    # an administrator hears everything
    (True, "administrator", True, "on", []),
    # switched off, everybody is heard
    (False, "member", True, "off", []),
    # a group that it is not in any more: that is told with the rights
    (True, "left", True, "on", []),
]


@pytest.mark.parametrize(("is_on", "status", "well", "said", "remedies"), PRIVACY)
async def test_privacy_mode(
    server: TelegramServer, database: Database, is_on: bool, status: str, well: bool, said: str, remedies: list[str]
) -> None:
    server.world.bot["can_read_all_group_messages"] = not is_on
    server.group(GROUP, "Desk", is_forum=True, bot=status)
    found = (await findings(server, database, telegram_desk_chat_id=GROUP))["telegram privacy mode"]
    assert (found.well, said in found.found) == (well, True)
    assert all(remedy in found.remedy for remedy in remedies)


# how the group is, what is missing
GROUPS = [
    ({"is_forum": True, "bot": "administrator"}, []),
    ({"is_forum": False, "bot": "administrator"}, ["switch Topics on"]),
    ({"is_forum": True, "bot": "member"}, ["add the bot", "Manage Topics"]),
]


@pytest.mark.parametrize(("facts", "switches"), GROUPS)
async def test_the_rights_in_a_group(
    server: TelegramServer, database: Database, facts: dict[str, Any], switches: list[str]
) -> None:
    server.group(GROUP, "Desk", **facts)
    now = SystemClock().now()
    async with database.write() as session:
        session.add(StrayGroup(account=ACCOUNT, chat_id=str(GROUP), title="Desk", since=now, leave_at=now))
    rights = (await findings(server, database))["telegram rights"]
    assert rights.well is not bool(switches)
    assert all(switch in rights.remedy for switch in switches)

"""A talk on the web that goes on in Telegram: the link's code, opened there, brings along what waits."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from admin.api.context import PREFIX
from bot.bootstrap.loops import running_loops
from bot.bootstrap.telegram import push_doors
from conversations.repository import get_conversation
from core.settings import TelegramMode
from staff.values import Role
from tests.integration.web.test_ways_back import ask_link
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.web_visitor import WebVisitor, visiting
from tests.telegram_server.server import TOKEN, TelegramServer

pytestmark = pytest.mark.db

MAY, STRANGER = 71, 72


@pytest.fixture
async def app(database_url: str, tmp_path: Path, server: TelegramServer) -> AsyncIterator[RunningApp]:
    """The program as `kefu run` builds it, on the web and on Telegram."""
    telegram = {"telegram_token": TOKEN, "telegram_api_url": server.url, "telegram_mode": TelegramMode.POLLING}
    settings = make_settings(database_url, tmp_path, **telegram)
    async with running_app(settings, with_loops=False, listens=True) as running:
        services = running.services
        async with push_doors(services) as doors, running_loops(services, doors=doors):
            yield running


async def start_of(visitor: WebVisitor) -> str:
    """What Telegram says for whoever opens the visitor's link."""
    url = str((await ask_link(visitor, "telegram")).json()["url"])
    assert url.startswith("https://t.me/kefu_test_bot?start=")
    return f"/start {url.partition('?start=')[2]}"


async def test_what_waits_for_a_person_is_answered_in_telegram(app: RunningApp, server: TelegramServer) -> None:
    may, stranger = server.customer(MAY, "May", "zh"), server.customer(STRANGER, "Eve", "zh")
    async with visiting(app.url, language="zh") as visitor, app.client(await hired(app)) as agent:
        await visitor.say("人工", "p1")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "waiting")
        start = await start_of(visitor)
        may.says(start)
        await visitor.sees("换到别处接着聊")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "bot")
        waiting = (await agent.get(f"{PREFIX}/conversations", params={"state": "waiting"})).json()["items"]
        assert len(waiting) == 1
        there = waiting[0]
        await heard(server, MAY, f"{there['ticket']}号那件事，同事会在这里回您")
        case = f"{PREFIX}/tickets/{there['ticket']}"
        (await agent.post(f"{case}/take", json={})).raise_for_status()
        (await agent.post(f"{case}/reply", json={"text": "我来看看"})).raise_for_status()
        await heard(server, MAY, "我来看看")
        stranger.says(start)  # a code opens for one alone
        may.says("好的，等您")
        await until_said(app, agent, there["id"], "好的，等您")
        assert not any("我来看看" in message["text"] for message in visitor.messages)
        async with app.database.read() as session:
            here = await get_conversation(session, visitor.conversation)
            assert here.customer_id == (await get_conversation(session, there["id"])).customer_id
    await server.log.until_texts(STRANGER, 1)
    assert not any("号那件事" in text or "我来看看" in text for text in server.log.texts(STRANGER))
    server.log.assert_obeyed()


async def hired(app: RunningApp) -> str:
    return await app.add_staff("anna", Role.AGENT, alias="小安")


async def heard(server: TelegramServer, chat_id: int, words: str) -> None:
    await server.log.until(lambda log: any(words in text for text in log.texts(chat_id)), within=20)


async def until_said(app: RunningApp, agent: Any, conversation: int, words: str) -> None:
    """What the customer says in Telegram stands in the case's conversation."""
    with app.database.signals.subscribe("messages") as news:
        while True:
            answer = await agent.get(f"{PREFIX}/conversations/{conversation}/messages")
            if any(item["text"] == words for item in answer.json()["items"]):
                return
            await news.wait(1)

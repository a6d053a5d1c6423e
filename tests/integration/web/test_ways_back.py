"""Coming back to a conversation: a one-time link, the case's number with the contact that was left, Telegram."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from admin.api.context import PREFIX
from bot.web.resuming import make_code
from conversations.channels import TELEGRAM
from conversations.models import Conversation, Message
from conversations.repository import ensure_account
from core.shop import write_shop
from core.shop_facts import ShopFacts
from tests.integration.web.test_who_is_it import ask_session
from tests.support.app import RunningApp
from tests.support.web_visitor import WebVisitor, browser, visiting

pytestmark = pytest.mark.db

PHONE = "+447911123456"


async def ask_link(visitor: WebVisitor, to: str) -> httpx.Response:
    async with browser(visitor.url, visitor.token) as client:
        return await client.post("/chat/links", json={"to": to})


async def test_a_link_opens_the_conversation_in_another_browser_once(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("多久能送到？", "a1")
        await visitor.until(lambda visitor: visitor.by("bot"))
        code = (await ask_link(visitor, "page")).json()["url"].partition("#resume=")[2]
        opened = (await ask_session(app, resume={"code": code})).json()
        assert opened["conversation"] == visitor.conversation
        again = await ask_session(app, resume={"code": code})
        assert (again.status_code, again.json()["error"]) == (404, "no_way_back")


async def test_a_code_ends_after_a_day_and_a_guessed_one_opens_nothing(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        async with app.database.write() as session:
            from_yesterday = app.clock.now().replace(year=app.clock.now().year - 1)
            code = await make_code(session, visitor.conversation, from_yesterday)
        for tried in (code, "guessed"):
            assert (await ask_session(app, resume={"code": tried})).status_code == 404


async def complain(visitor: WebVisitor, **contact: Any) -> int:
    """A complaint, and where an answer may be sent; the case's number."""
    await visitor.say("收到的茶罐破了，太失望了", "c1")
    await visitor.until(lambda visitor: any("编号" in message["text"] for message in visitor.by("bot")))
    said = next(message["text"] for message in visitor.by("bot") if "编号" in message["text"])
    await visitor.send(type="contact", **contact)
    await visitor.sees("记下了")
    return int("".join(mark for mark in said.partition("编号")[2][:10] if mark.isdigit()))


async def test_number_and_contact_open_the_case_and_the_number_alone_does_not(app: RunningApp) -> None:
    async with app.database.write() as session:
        await write_shop(session, ShopFacts(country="GB"), "test", app.clock.now())
    async with visiting(app.url, language="zh") as visitor:
        number = await complain(visitor, phone="07911 123456", email="May@Example.com")
        assert any(PHONE in message["text"] for message in visitor.by("customer"))
        for contact in (PHONE, "0044 7911 123456", "07911 123456", "may@example.com"):
            opened = await ask_session(app, resume={"number": number, "contact": contact})
            assert opened.json()["conversation"] == visitor.conversation
        assert (await ask_session(app, resume={"number": number})).status_code == 422
        assert (await ask_session(app, resume={"number": number, "contact": "x"})).status_code == 404


async def test_after_five_wrong_contacts_even_the_right_one_is_refused(app: RunningApp) -> None:
    async with visiting(app.url, language="zh") as visitor:
        number = await complain(visitor, phone=PHONE)
        for _ in range(5):
            assert (await ask_session(app, resume={"number": number, "contact": "+8613800000000"})).status_code == 404
        refused = await ask_session(app, resume={"number": number, "contact": PHONE})
        assert refused.status_code == 429
        assert "Retry-After" in refused.headers


async def test_what_is_no_contact_is_said(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.send(type="contact", email="not an address")
        await visitor.until(lambda visitor: visitor.errors)
        assert "not an e-mail address" in visitor.errors[0]["detail"]


async def test_the_talk_goes_on_in_telegram_where_the_shop_is_there(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        assert (await ask_link(visitor, "telegram")).json()["error"] == "no_telegram"
        async with app.database.write() as session:
            await ensure_account(session, "telegram:teabot", TELEGRAM, app.clock.now())
        assert (await ask_link(visitor, "telegram")).json()["url"].startswith("https://t.me/teabot?start=")


async def carried(app: RunningApp, visitor: WebVisitor) -> Conversation:
    """The visitor opens the link to Telegram, which another push channel stands in for; the conversation there."""
    async with app.database.write() as session:
        await ensure_account(session, "telegram:teabot", TELEGRAM, app.clock.now())
    code = (await ask_link(visitor, "telegram")).json()["url"].partition("?start=")[2]
    await app.push_message(f"/start {code}")
    return await conversation_of_ann(app)


async def conversation_of_ann(app: RunningApp) -> Conversation:
    with app.database.signals.subscribe("messages") as news:
        while True:
            async with app.database.read() as session:
                query = select(Conversation).where(Conversation.account == "test:bot", Conversation.last_seq > 1)
                found = await session.scalar(query)
                if found is not None:
                    return found
            await news.wait(1)


async def said_there(app: RunningApp, conversation: Conversation) -> list[str]:
    async with app.database.read() as session:
        query = select(Message.text).where(Message.conversation_id == conversation.id).order_by(Message.seq)
        return list(await session.scalars(query))


async def test_what_waits_for_a_person_goes_along_to_telegram(app: RunningApp, agent: httpx.AsyncClient) -> None:
    async with visiting(app.url, language="zh") as visitor:
        await visitor.say("人工", "p1")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "waiting")
        there = await carried(app, visitor)
        await visitor.sees("换到别处接着聊")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "bot")
        waiting = (await agent.get(f"{PREFIX}/conversations", params={"state": "waiting"})).json()["items"]
        assert [item["id"] for item in waiting] == [there.id]
        assert any(f"{waiting[0]['ticket']}号那件事，同事会在这里回您" in text for text in await said_there(app, there))
        for path, body in (("take", {}), ("reply", {"text": "我来看看"})):
            answer = await agent.post(f"{PREFIX}/tickets/{waiting[0]['ticket']}/{path}", json=body)
            assert answer.is_success, answer.text
        assert "我来看看" in await said_there(app, there)
        assert not any("我来看看" in message["text"] for message in visitor.messages)


async def test_a_talk_with_a_person_goes_on_with_the_same_person_in_telegram(
    app: RunningApp, agent: httpx.AsyncClient
) -> None:
    async with visiting(app.url, language="zh") as visitor:
        await visitor.say("人工", "p1")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "waiting")
        await agent.post(f"{PREFIX}/conversations/{visitor.conversation}/take")
        there = await carried(app, visitor)
        assert (there.owner, (await agent.get(f"{PREFIX}/conversations/{there.id}")).json()["with"]) == (
            "taken",
            "小安",
        )
        reply = await agent.post(f"{PREFIX}/conversations/{there.id}/reply", json={"text": "接着说"})
        assert reply.is_success, reply.text


async def test_a_talk_that_waits_for_nobody_just_goes_on(app: RunningApp) -> None:
    async with visiting(app.url, language="zh") as visitor:
        await visitor.say("几天到", "a1")
        await visitor.until(lambda visitor: visitor.by("bot"))
        there = await carried(app, visitor)
        assert there.owner == "bot"
        assert any("接着网页上的聊就行" in text for text in await said_there(app, there))
        async with app.database.read() as session:
            here = await session.get_one(Conversation, visitor.conversation)
        assert here.customer_id == there.customer_id

"""Who a visitor is: signed in by the shop's site, on several devices, logged out; and those who only pretend."""

import time
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from admin.api.context import PREFIX
from bot.web.signing import sign
from bot.web.widget_secret import ensure_secret
from conversations.models import Conversation
from customers.models import ChannelIdentity, Customer
from tests.support.app import RunningApp
from tests.support.web_visitor import WebVisitor, browser, visiting

pytestmark = pytest.mark.db

SHOP = "https://shop.example"


async def secret_of(app: RunningApp, *, rotate: bool = False) -> str:
    async with app.database.write() as session:
        box = app.services.secretbox
        return await ensure_secret(session, box, by="test", now=app.clock.now(), rotate=rotate)


def proof(secret: str, user: str = "C-7", ahead: int = 3_600, **more: Any) -> dict[str, Any]:
    expires = int(time.time()) + ahead
    return {"id": user, "expires": expires, "signature": sign(secret, user, expires), **more}


async def ask_session(app: RunningApp, token: str | None = None, **body: Any) -> httpx.Response:
    async with browser(app.url, token) as client:
        return await client.post("/chat/session", json=body)


async def signed_in(app: RunningApp, secret: str, token: str | None = None, **given: Any) -> WebVisitor:
    answer = await ask_session(app, token, identify=proof(secret, **given))
    assert answer.status_code == 200, answer.text
    return WebVisitor(app.url, answer.json()["token"], answer.json()["conversation"])


async def customer_of(app: RunningApp, conversation: int) -> Customer:
    async with app.database.read() as session:
        row = await session.get_one(Conversation, conversation)
        return await session.get_one(Customer, row.customer_id)


async def test_what_was_said_before_the_log_in_joins_the_file_and_she_sees_that_it_was_kept(app: RunningApp) -> None:
    secret = await secret_of(app)
    async with visiting(app.url, language="en") as visitor:
        await visitor.say("多久能送到？", "a1")
        await visitor.until(lambda visitor: visitor.by("bot"))
        known = await signed_in(app, secret, visitor.token, name="Anna", email="anna@example.com")
        assert await visitor.is_closed() == 4401
    await known.connect()
    await known.sees("登录")
    assert known.by("customer")[0]["text"] == "多久能送到？"
    customer = await customer_of(app, known.conversation)
    assert (customer.external_id, customer.name, customer.email) == ("C-7", "Anna", "anna@example.com")
    assert customer.email_proven is False
    await known.leave()


async def test_two_devices_of_one_customer_share_the_talk_and_see_each_message_once(app: RunningApp) -> None:
    secret = await secret_of(app)
    phone, desk = await signed_in(app, secret), await signed_in(app, secret, ahead=7_200)
    assert phone.conversation == desk.conversation
    await phone.connect()
    await desk.connect()
    await phone.say("多久能送到？", "a1")
    for device in (phone, desk):
        await device.until(lambda visitor: visitor.by("bot"))
        assert [message["message_id"] for message in device.by("customer")] == ["a1"]
        await device.leave()


async def test_the_next_person_on_a_shared_tablet_sees_nothing_of_the_one_before(app: RunningApp) -> None:
    secret = await secret_of(app)
    anna = await signed_in(app, secret, user="C-7")
    ben = await signed_in(app, secret, anna.token, user="C-8")
    assert ben.conversation != anna.conversation
    await anna.connect()
    assert await anna.is_closed() == 4401
    assert (await customer_of(app, anna.conversation)).external_id == "C-7"


# what is sent as `identify`
def _forged(secret: str) -> list[tuple[str, dict[str, Any]]]:
    good = proof(secret)
    return [
        ("another id under a good signature", good | {"id": "C-8"}),
        ("a later end under a good signature", good | {"expires": good["expires"] + 60}),
        ("a signature of nothing", good | {"signature": "0" * 64}),
        ("signed with a foreign secret", proof("kefu_widget_of_another_shop")),
        ("an ended signature", proof(secret, ahead=-1)),
        ("good for longer than a day", proof(secret, ahead=3 * 86_400)),
    ]


async def test_no_forged_signature_opens_a_customers_talk(app: RunningApp) -> None:
    secret = await secret_of(app)
    for attack, sent in _forged(secret):
        answer = await ask_session(app, identify=sent)
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorised"), attack
    async with app.database.read() as session:
        assert await session.scalar(select(func.count()).where(Customer.external_id.in_(("C-7", "C-8")))) == 0


async def test_a_missing_signature_is_bad_input_and_without_a_secret_nobody_is_signed_in(app: RunningApp) -> None:
    assert (await ask_session(app, identify={"id": "C-7", "expires": 1})).status_code == 422
    assert (await ask_session(app, identify=proof("anything"))).status_code == 401


async def test_a_signature_opens_one_session_and_a_copy_of_it_none(app: RunningApp) -> None:
    sent = proof(await secret_of(app))
    assert (await ask_session(app, identify=sent)).status_code == 200
    assert (await ask_session(app, identify=sent)).status_code == 401


async def test_a_token_that_was_planted_before_the_log_in_is_worth_nothing_after_it(app: RunningApp) -> None:
    secret = await secret_of(app)
    async with visiting(app.url) as planted:
        known = await signed_in(app, secret, planted.token)
        assert known.token != planted.token
        assert await planted.is_closed() == 4401


async def test_a_new_secret_ends_the_old_one(app: RunningApp) -> None:
    old = await secret_of(app)
    await secret_of(app, rotate=True)
    assert (await ask_session(app, identify=proof(old))).status_code == 401


async def test_an_unverified_visitor_stays_a_stranger(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("my number is C-7", "a1")
        await visitor.until(lambda visitor: visitor.by("bot"))
        assert (await customer_of(app, visitor.conversation)).external_id is None
        async with app.database.read() as session:
            query = select(ChannelIdentity.verified).where(ChannelIdentity.account == "web")
            assert list(await session.scalars(query)) == [False]


async def test_after_a_reset_the_token_opens_nothing(app: RunningApp) -> None:
    known = await signed_in(app, await secret_of(app))
    async with browser(app.url, known.token) as client:
        assert (await client.delete("/chat/session")).status_code == 204
        for path in ("/chat/transcript", "/chat/files/up-guessed-id-of-a-file"):
            assert (await client.get(path)).status_code == 401
    await known.connect()
    assert await known.is_closed() == 4401


async def test_a_token_in_the_address_opens_nothing(app: RunningApp) -> None:
    async with visiting(app.url) as visitor, browser(app.url) as client:
        for address in ("/chat/transcript", f"/chat/transcript?token={visitor.token}"):
            assert (await client.get(address)).status_code in (401, 422)


async def test_a_foreign_page_opens_neither_session_nor_socket(app: RunningApp) -> None:
    async with browser(app.url, Origin="https://evil.example") as page:
        assert (await page.post("/chat/session", json={})).status_code == 403
    async with visiting(app.url) as visitor:
        await visitor.leave()
        await visitor.open_socket("https://evil.example")
        assert await visitor.is_closed() == 4403


async def test_a_visitor_takes_her_conversation_along(app: RunningApp, agent: httpx.AsyncClient) -> None:
    async with visiting(app.url, language="en", timezone="Europe/London") as visitor:
        await visitor.say("多久能送到？", "a1")
        await visitor.until(lambda visitor: visitor.by("bot"))
        async with browser(app.url, visitor.token) as client:
            taken = await client.get("/chat/transcript")
        assert "attachment" in taken.headers["content-disposition"]
        assert "Europe/London" in taken.text
        assert "You: 多久能送到？" in taken.text, taken.text
        assert "Automatic assistant: " in taken.text
        assert (await agent.get(f"{PREFIX}/conversations/{visitor.conversation}")).status_code == 200

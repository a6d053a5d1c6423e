"""What strangers try at the web chat, and what it comes to: nothing.

Signatures that are missing, wrong, copied or foreign, planted tokens, tokens in addresses and resets stand in
`test_who_is_it.py`; spent and guessed ways back in `test_ways_back.py`; somebody else's files in `test_files.py`; links
that somebody sends, messages from strange windows, strange sites and what would run in `tests/browser/embedded`.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select
from websockets.asyncio.client import connect

from admin.api.context import PREFIX
from customers.models import Customer
from staff.values import Role
from tests.integration.web.test_files import upload
from tests.integration.web.test_who_is_it import ask_session, customer_of, proof, secret_of, signed_in
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles
from tests.support.web_visitor import WebVisitor, browser, visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCRIPT = "<img src=x onerror=alert(1)><svg onload=alert(1)><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EVIL = "https://evil.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    folder: Path = tmp_path_factory.mktemp("attacks")
    with sqlite_files.fresh() as url:
        async with running_app(
            make_settings(url, folder, widget_origins="https://shop.example"), listens=True
        ) as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(app: RunningApp) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client(await app.add_staff("anna", Role.AGENT, alias="小安")) as client:
        yield client


async def secretive(app: RunningApp, agent: httpx.AsyncClient) -> WebVisitor:
    """A visitor who has said something that is nobody else's business, and got buttons for it."""
    visitor = WebVisitor(app.url, *await opened(app))
    await visitor.connect(language="zh")
    await visitor.say("我的秘密", "s1")
    await visitor.until(lambda visitor: visitor.by("bot"))
    return visitor


async def opened(app: RunningApp) -> tuple[str, int]:
    answer = (await ask_session(app)).json()
    return answer["token"], answer["conversation"]


async def test_one_socket_hears_one_conversation_however_often_it_says_hello(
    app: RunningApp, agent: httpx.AsyncClient
) -> None:
    victim = await secretive(app, agent)
    async with visiting(app.url) as attacker:
        await attacker.send(type="hello", token=victim.token, after=0)
        await attacker.until(lambda visitor: visitor.errors)
        assert attacker.errors[0]["detail"] == "this socket has said hello already"
        await victim.say("还有一个秘密", "s2")
        await victim.until(lambda visitor: len(visitor.by("bot")) > 1)
        await attacker.say("几天到", "a1")
        await attacker.sees("2 到 4 天")
        assert not any("秘密" in message["text"] for message in attacker.messages)
    await victim.leave()


async def test_a_conversation_cannot_be_named_in_a_frame(app: RunningApp, agent: httpx.AsyncClient) -> None:
    victim = await secretive(app, agent)
    async with visiting(app.url) as attacker:
        frame: dict[str, Any] = {"type": "said", "id": "a1", "text": "x", "conversation": victim.conversation}
        await attacker.send(**frame)
        await attacker.send(type="seen", seq=1, conversation=victim.conversation)
        await attacker.until(lambda visitor: len(visitor.errors) == 2)
        assert {error["error"] for error in attacker.errors} == {"invalid_input"}
    await victim.leave()


async def test_somebody_elses_buttons_do_nothing(app: RunningApp, agent: httpx.AsyncClient) -> None:
    victim = await secretive(app, agent)
    button = next(button for message in victim.by("bot") for button in message["buttons"])
    async with visiting(app.url) as attacker:
        await attacker.send(type="pressed", id="p1", button=button["id"])
        await attacker.until(lambda visitor: visitor.by("bot"))
    items = (await agent.get(f"{PREFIX}/conversations/{victim.conversation}/messages")).json()["items"]
    assert [item["message_id"] for item in items if item["author"] == "customer"] == ["s1"]
    await victim.leave()


async def test_a_token_in_the_sockets_address_opens_nothing(app: RunningApp, agent: httpx.AsyncClient) -> None:
    victim = await secretive(app, agent)
    address = f"{app.url.replace('http', 'ws')}/chat/socket?token={victim.token}"
    async with connect(address, proxy=None) as socket:
        await socket.send('{"type": "said", "id": "a1", "text": "x"}')
        with pytest.raises(Exception, match="4401"):
            await asyncio.wait_for(socket.recv(), 10)
    await victim.leave()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/session"),
        ("DELETE", "/chat/session"),
        ("POST", "/chat/files"),
        ("GET", "/chat/files/up-guessed-id-of-a-file"),
        ("GET", "/chat/transcript"),
        ("POST", "/chat/links"),
    ],
)
async def test_a_foreign_page_with_a_stolen_token_gets_nothing(app: RunningApp, method: str, path: str) -> None:
    token, _ = await opened(app)
    async with browser(app.url, token, Origin=EVIL) as page:
        answer = await page.request(method, path, json={"to": "page"} if path == "/chat/links" else None)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


async def test_a_token_in_a_cookie_is_out_of_every_scripts_reach_and_opens_nothing_by_itself(app: RunningApp) -> None:
    async with browser(app.url) as page:
        opened = await page.post("/chat/session", json={"keep": True})
        cookie = opened.headers["set-cookie"]
        for rule in ("__Host-kefu=", "Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"):
            assert rule in cookie
        assert "Domain" not in cookie
        kept = {"Cookie": cookie.partition(";")[0]}
        recalled = await page.get("/chat/session", headers=kept)
        assert recalled.json() == opened.json()
        assert "access-control-allow-origin" not in recalled.headers
        for nothing in ({}, {"Cookie": "__Host-kefu=guessed.0"}):
            assert (await page.get("/chat/session", headers=nothing)).status_code == 204
        assert (await page.get("/chat/session", headers=kept | {"Origin": EVIL})).status_code == 403
        assert (await page.get("/chat/transcript", headers=kept)).status_code == 401
        assert (await page.delete("/chat/session", headers=kept)).status_code == 401
        signed = {"keep": True, "identify": proof(await secret_of(app), user="C-12")}
        headers = {"Authorization": f"Bearer {opened.json()['token']}"}
        known = await page.post("/chat/session", json=signed, headers=headers)
        assert "Max-Age=0" in known.headers["set-cookie"]  # whom the site vouches for, it names on every page
        assert (await page.get("/chat/session", headers=kept)).status_code == 204
        gone = await page.delete("/chat/session", headers={"Authorization": f"Bearer {known.json()['token']}"})
        assert "Max-Age=0" in gone.headers["set-cookie"]


async def test_nor_does_a_cookie_bring_back_what_was_copied_planted_or_given_back(app: RunningApp) -> None:
    """A signature used twice, a talk begun by somebody else, a token after the reset: each with the cookie as well."""
    secret = await secret_of(app)
    async with browser(app.url) as page:
        planted = await page.post("/chat/session", json={"keep": True})
        cookie = {"Cookie": planted.headers["set-cookie"].partition(";")[0]}
        signed = {"keep": True, "identify": proof(secret, user="C-13")}
        known = await page.post("/chat/session", json=signed, headers=cookie | _bearer(planted))
        assert "Max-Age=0" in known.headers["set-cookie"]
        assert known.json()["token"] != planted.json()["token"]
        assert (await page.get("/chat/session", headers=cookie)).status_code == 204
        assert (await page.get("/chat/transcript", headers=_bearer(planted))).status_code == 401

        for headers in ({}, cookie, _bearer(known)):  # her own browser's copy of it too
            copied = await page.post("/chat/session", json=signed, headers=headers)
            assert (copied.status_code, "set-cookie" in copied.headers) == (401, False)

        begun = await page.post("/chat/session", json={"keep": True})
        kept = {"Cookie": begun.headers["set-cookie"].partition(";")[0]}
        late = await page.delete("/chat/session", headers=kept | _bearer(known))
        assert (late.status_code, "set-cookie" in late.headers) == (204, False)  # the next talk's cookie stays
        ended = await page.delete("/chat/session", headers=kept | _bearer(begun))
        assert "Max-Age=0" in ended.headers["set-cookie"]
        assert (await page.get("/chat/session", headers=kept)).status_code == 204
        again = WebVisitor(app.url, begun.json()["token"], begun.json()["conversation"])
        await again.connect()
        assert await again.is_closed() == 4401


def _bearer(opened: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {opened.json()['token']}"}


async def test_a_claimed_contact_or_name_merges_nobody(app: RunningApp) -> None:
    known = await signed_in(app, await secret_of(app), user="C-9", email="may@example.com")
    async with visiting(app.url) as attacker:
        await attacker.say("I am C-9, may@example.com", "a1")
        await attacker.send(type="contact", email="may@example.com")
        await attacker.until(lambda visitor: len(visitor.by("customer")) > 1)
        assert (await customer_of(app, attacker.conversation)).id != (await customer_of(app, known.conversation)).id
        assert (await customer_of(app, attacker.conversation)).external_id is None


async def test_a_file_that_is_too_large_or_not_what_it_says_is_refused(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        assert (await upload(visitor, bytes(10_000_001), "film.mp4")).status_code == 413
        program = await upload(visitor, b"MZ\x90\0" + bytes(100), "bill.pdf")
        assert (program.status_code, program.json()["error"]) == (422, "file_refused")
        for name, data in (("tin.jpg", DRAWING), ("drawing.svg", DRAWING), ("page.html", SCRIPT.encode())):
            kept = await upload(visitor, data, name)
            if kept.status_code == 201:  # as the plain words that it is, whatever it is called
                assert (kept.json()["media_type"], kept.json()["name"][-4:]) == ("text/plain", ".txt"), name
                await _is_harmless(app, kept.json()["url"])
            else:
                assert kept.json()["error"] == "file_refused", name


async def _is_harmless(app: RunningApp, url: str) -> None:
    """A download that a browser neither shows as a page nor guesses about."""
    async with browser(app.url) as client:
        served = await client.get(url)
    assert served.headers["content-disposition"].startswith("attachment")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert served.headers["content-type"].partition(";")[0] in ("text/plain", "image/jpeg", "application/pdf")


async def test_a_name_of_a_file_or_a_person_that_would_run_is_text(app: RunningApp, agent: httpx.AsyncClient) -> None:
    name = f'{SCRIPT}"\r\nX-Evil: yes.txt'
    async with visiting(app.url) as visitor:
        kept = (await upload(visitor, b"plain words", name)).json()
        await _is_harmless(app, kept["url"])
        async with browser(app.url) as client:
            assert "x-evil" not in (await client.get(kept["url"])).headers
        await visitor.send(type="said", id="a1", text=SCRIPT, attachments=[kept["id"]])
        await visitor.sees(SCRIPT)
    known = await signed_in(app, await secret_of(app), user="C-10", name=SCRIPT)
    assert (await customer_of(app, known.conversation)).name == SCRIPT
    async with app.client() as client:
        assert "<script>alert" not in (await client.get("/")).text


async def test_nobody_is_made_a_customer_by_a_signature_without_its_secret(app: RunningApp) -> None:
    sent = {"id": "C-11", "expires": 1, "signature": "0" * 64}
    assert (await ask_session(app, identify=sent)).status_code == 401
    async with app.database.read() as session:
        assert await session.scalar(select(func.count()).where(Customer.external_id == "C-11")) == 0

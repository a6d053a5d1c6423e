"""The widget on a shop's own site, another origin than the chat: what a visitor, her phone and the site see of it."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from bot.web.page import STATIC
from bot.web.signing import sign
from bot.web.widget_secret import ensure_secret
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.embedded.conftest import LOOKS, Arrive
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_accessibility import still, violations
from tests.browser.test_shop import ApiDesk
from tests.support.app import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST_BYTES = 40_000  # of everything that the chat loads, compressed
PAGE = {"zh-CN": "zh-CN", "en-GB": "en"}
OPEN = {"zh-CN": "打开对话", "en-GB": "Open the chat"}
CLOSE = {"zh-CN": "收起对话", "en-GB": "Close the chat"}
QUESTION = {"zh-CN": "几天到", "en-GB": "when will it arrive"}
ANSWER = {"zh-CN": "一般 2 到 4 天送到", "en-GB": "It takes 2-4 days."}
NEWS = {"zh-CN": "1 条新消息", "en-GB": "1 new message"}


def sessions_opened(page: Page) -> list[str]:
    """The conversations that the page asks the chat for, from now on."""
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.method) if "/chat/session" in request.url else None)
    return opened


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['locale']}-{look['viewport']['width']}-{look['color_scheme']}"
)
async def test_one_line_brings_the_chat_to_the_shops_own_site(
    arrive: Arrive, site: ShopSite, desk: ApiDesk, look: dict[str, Any]
) -> None:
    locale, is_phone = look["locale"], look["viewport"] is PHONE
    guest = await arrive(PAGE[locale], **look)
    complaints: list[str] = []
    guest.page.on("console", lambda message: complaints.append(message.text))
    opened = sessions_opened(guest.page)
    await expect(guest.launcher).to_have_accessible_name(OPEN[locale])
    await expect(guest.badge).to_be_hidden()
    assert opened == []  # who never opens it costs nobody anything

    await guest.open()
    await expect(guest.launcher).to_have_attribute("aria-expanded", "true")
    await guest.say(QUESTION[locale])
    await guest.sees(ANSWER[locale])
    size = await guest.composer.evaluate("field => parseFloat(getComputedStyle(field).fontSize)")
    assert size >= 16
    await still(guest.page)
    await still(guest.frame)
    assert await violations(guest.frame) == []
    assert await violations(guest.page) == []

    await (lies_over_the_whole_phone if is_phone else stands_beside_the_page)(guest)
    await expect(guest.panel).to_be_hidden()
    assert not await guest.page.evaluate("document.querySelector('main').inert")
    assert guest.page.url == f"{site.origin}/"
    await guest.page.locator("#buy").click()  # nothing lies over it
    await is_told_of_news(guest, desk, locale)
    if is_phone:
        await guest.chat.get_by_role("button", name=CLOSE[locale]).click()
        await expect(guest.panel).to_be_hidden()
        assert await guest.page.evaluate("history.state") is None
    else:
        await guest.launcher.click()
    await expect(guest.badge).to_be_hidden()
    assert complaints == []  # a page that allows nothing inline has nothing to complain of


async def lies_over_the_whole_phone(guest: Guest) -> None:
    """And "back" closes the chat, not the page."""
    box = await guest.panel.bounding_box()
    assert box == {"x": 0, "y": 0, **PHONE}
    await expect(guest.launcher).to_be_hidden()
    assert await guest.page.evaluate("document.querySelector('main').inert")
    await guest.page.go_back()


async def stands_beside_the_page(guest: Guest) -> None:
    """And Escape closes it."""
    box = await guest.panel.bounding_box()
    assert box is not None
    assert box["width"] == 400
    assert box["y"] >= 0
    await expect(guest.composer).to_be_focused()
    await guest.composer.press("Escape")
    await expect(guest.launcher).to_be_focused()


async def is_told_of_news(guest: Guest, desk: ApiDesk, locale: str) -> None:
    """An answer comes while the chat is closed."""
    id_ = await desk.newest()
    await desk.take(id_)
    await desk.reply(id_, "我是小安")
    await expect(guest.badge).to_have_text("1")
    await expect(guest.launcher).to_have_accessible_name(f"{OPEN[locale]} · {NEWS[locale]}")
    assert await violations(guest.page) == []
    await guest.open()
    await guest.sees("我是小安")


async def test_what_the_script_is_told_of_its_looks(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive("zh-CN", viewport=DESKTOP)
    site.set_attributes(
        language="en", position="left", offset="10 90", color="#ffd400", label="Ask us about <tea>", hide_on_phones=""
    )
    await guest.arrive(site.origin)
    await expect(guest.launcher).to_have_text("Ask us about <tea>")
    box = await guest.launcher.bounding_box()
    assert box is not None
    assert (box["x"], box["y"] + box["height"]) == (10, DESKTOP["height"] - 90)
    assert await guest.launcher.evaluate("button => getComputedStyle(button).backgroundColor") == "rgb(255, 212, 0)"
    await guest.open()
    await expect(guest.chat.locator("#who")).to_have_text("Automatic assistant")
    brand = await guest.composer.evaluate("field => getComputedStyle(field).getPropertyValue('--brand')")
    assert brand == "#ffd400"
    assert await violations(guest.page) == []
    # The window becomes as narrow as a phone while the chat is open.
    await guest.page.set_viewport_size(ViewportSize(width=375, height=667))
    await guest.call("close")
    await expect(guest.launcher).to_be_hidden()
    await guest.call("open")
    await expect(guest.composer).to_be_visible()
    site.set_attributes(offset="a lot", color="red; } * {", position="on top", language="fr")
    await guest.arrive(site.origin)
    box = await guest.launcher.bounding_box()
    assert box is not None
    assert (box["x"] + box["width"], box["y"] + box["height"]) == (PHONE["width"] - 20, PHONE["height"] - 20)


async def test_the_composer_stays_above_a_phones_keyboard(arrive: Arrive) -> None:
    guest = await arrive(**LOOKS[0])
    await guest.open()
    await guest.page.evaluate("""() => {
        const whole = window.visualViewport;
        const seen = { width: 375, height: 380, offsetTop: 40 };
        Object.defineProperty(window, "visualViewport", { value: seen, configurable: true });
        whole.dispatchEvent(new Event("resize"));
    }""")
    box, field = await guest.panel.bounding_box(), await guest.composer.bounding_box()
    assert box is not None
    assert field is not None
    assert (box["y"], box["height"]) == (40, 380)
    assert field["y"] + field["height"] <= 420


async def talks(guest: Guest) -> str | None:
    """An anonymous visitor asks something; her token."""
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    return await guest.kept("token")


async def resets(guest: Guest) -> str | None:
    """The talk of one who never logged in goes on until a reset; the token that it had."""
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    anonymous = await guest.kept("token")
    await guest.call("identify", None)
    assert await guest.kept("token") == anonymous
    await guest.call("reset")
    await expect(guest.by("customer")).to_have_count(0)
    assert await guest.kept("user") is None
    return anonymous


def proof(secret: str, user: str, **more: Any) -> dict[str, Any]:
    expires = int(time.time()) + 3_600
    return {"id": user, "expires": expires, "signature": sign(secret, user, expires), **more}


async def test_a_visitor_logs_in_comes_back_logs_out_and_the_next_one_sees_nothing(
    arrive: Arrive, app: RunningApp, site: ShopSite
) -> None:
    async with app.database.write() as session:
        secret = await ensure_secret(session, app.services.secretbox, by="test", now=app.clock.now())
    guest = await arrive(viewport=DESKTOP)
    warnings: list[str] = []
    guest.page.on("console", lambda message: warnings.append(message.text))
    anonymous = await talks(guest)

    await guest.call("identify", proof("of another shop", "C-1"))
    await guest.call("identify", proof(secret, "C-1", name="安娜"))
    await guest.sees("您登录了")  # what was said before the log-in is kept, and she sees it
    await guest.sees("几天到")
    known = await guest.kept("token")
    assert known != anonymous
    assert any("signature does not fit" in warning for warning in warnings)

    await guest.page.goto(f"{site.origin}/cart")  # every page of the shop names her anew
    await guest.page.wait_for_function("window.Kefu")
    await guest.call("identify", proof(secret, "C-1"))
    await guest.open()
    await guest.sees("您登录了")
    assert await guest.kept("token") == known

    await guest.call("identify", proof(secret, "C-2"))  # somebody else at the same tablet
    await guest.sees("几天到", times=0)
    await guest.say("有没有红茶")
    await expect(guest.by("customer")).to_have_count(1)
    await guest.call("identify", None)  # nobody is logged in any more
    await expect(guest.by("customer")).to_have_count(0)
    anonymous = await resets(guest)
    async with app.client() as client:
        for token in (known, anonymous):
            answer = await client.get("/chat/transcript", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401


async def test_nobody_else_speaks_for_the_page_or_for_the_frame(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    token = await guest.kept("token")
    forged = [{"kefu": kind, "count": 7, "signed": None} for kind in ("unread", "close", "reset", "identify", "talked")]
    post = "([to, forged]) => { for (const one of forged) to.postMessage(one, '*') }"
    await guest.page.evaluate(f"forged => ({post})([window, forged])", forged)  # the page, as if it were the frame
    await guest.frame.evaluate(f"forged => ({post})([window, forged])", forged)  # the frame, as if it were the page
    async with guest.page.expect_popup() as popup:
        await guest.page.evaluate("address => { window.open(address) }", site.foreign_origin)
    stranger = await popup.value
    await stranger.wait_for_load_state()
    await stranger.evaluate(f"forged => ({post})([window.opener, forged])", forged)
    await guest.say("快递要多久")
    await guest.sees("2 到 4 天", times=2)
    await expect(guest.badge).to_be_hidden()
    await expect(guest.panel).to_be_visible()
    assert await guest.kept("token") == token


async def test_a_site_that_the_shop_did_not_name_cannot_show_the_chat(
    arrive: Arrive, app: RunningApp, site: ShopSite
) -> None:
    guest = await arrive(viewport=DESKTOP)
    warnings: list[str] = []
    guest.page.on("console", lambda message: warnings.append(message.text))
    await guest.arrive(site.foreign_origin)
    await guest.page.clock.install()
    await guest.page.evaluate("""() => new Promise((loaded) => {
        window.Kefu.open();
        document.querySelector("kefu-widget").shadowRoot.querySelector("iframe").addEventListener("load", loaded);
    })""")
    await guest.page.clock.run_for(9_000)
    link = guest.panel.get_by_role("link", name="在新页面里打开")
    await expect(link).to_have_attribute("href", site.chat)
    await expect(link).to_be_focused()
    assert any("KEFU_WIDGET_ORIGINS" in warning for warning in warnings)
    assert any("frame-ancestors" in warning for warning in warnings)


async def test_all_that_the_chat_loads_is_small(app: RunningApp) -> None:
    async with app.client() as client:
        script, page = await client.get("/widget.js"), await client.get("/?embedded=1")
    assert script.headers["content-type"].startswith("text/javascript")
    assert json.loads(script.text.rpartition("begin(document.currentScript, ")[2].partition(");")[0])
    assert isinstance(STATIC, Path)
    # Of the two languages one is loaded, and a frame has no icon of its own.
    elsewhere = {"help.css", "widget.js", "words-en.js", "favicon.svg"}
    files = [path.read_bytes() for path in STATIC.rglob("*") if path.is_file() and path.name not in elsewhere]
    loaded = [script.content, page.content, *files]
    assert sum(len(gzip.compress(one)) for one in loaded) < MOST_BYTES

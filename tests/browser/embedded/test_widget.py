"""The widget on a shop's own site, another origin than the chat: its looks, and who is logged in."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import ViewportSize, expect

from bot.web.page import STATIC
from bot.web.signing import sign
from bot.web.widget_secret import ensure_secret
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.embedded.conftest import LOOKS, Arrive
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_accessibility import LOOKS as BY_TURNS
from tests.browser.test_accessibility import still, violations
from tests.support.app import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MOST_BYTES = 38_000  # of everything that the chat loads, compressed; 40 kB are promised


async def test_what_the_script_is_told_of_its_looks(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive("zh-CN", viewport=DESKTOP)
    site.set_attributes(
        language="en", position="left", offset="10 90", color="#ffd400", label="Ask us about <tea>", hide_on_phones=""
    )
    await guest.arrive(site.origin)
    await guest.open()
    for size, scheme in BY_TURNS:
        await guest.look(size, scheme)
        await guest.call("close")
        await (stands_where_it_was_told if size is DESKTOP else hides_on_phones)(guest)
        await guest.call("open")
        await expect(guest.chat.locator("#who")).to_have_text("Automatic assistant")
        brand = await guest.composer.evaluate("field => getComputedStyle(field).getPropertyValue('--brand')")
        assert brand == "#ffd400"
        for place in (guest.frame, guest.page):
            await still(place)
            assert await violations(place) == []


async def stands_where_it_was_told(guest: Guest) -> None:
    await expect(guest.launcher).to_have_text("Ask us about <tea>")
    box = await guest.launcher.bounding_box()
    assert box is not None
    assert (box["x"], box["y"] + box["height"]) == (10, DESKTOP["height"] - 90)
    assert await guest.launcher.evaluate("button => getComputedStyle(button).backgroundColor") == "rgb(255, 212, 0)"
    await still(guest.page)
    assert await violations(guest.page) == []


async def hides_on_phones(guest: Guest) -> None:
    await expect(guest.launcher).to_be_hidden()
    assert await guest.page.evaluate("document.querySelector('main').inert") is False


async def test_looks_that_make_no_sense_count_as_not_said(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive(viewport=PHONE)
    label = "Ask us " * 20
    site.set_attributes(
        offset="a lot", color="red; } * {", position="on top", language="fr", hide_on_phones="false", label=label
    )
    await guest.arrive(site.origin)
    for size in (PHONE, DESKTOP):
        await guest.look(size, "light")
        box = await guest.launcher.bounding_box()
        assert box is not None
        assert (box["x"] + box["width"], box["y"] + box["height"]) == (size["width"] - 20, size["height"] - 20)
        assert box["x"] >= 20
    await expect(guest.launcher).to_have_accessible_name(label.strip())


async def test_nothing_lies_under_a_phones_notch_or_its_bar(arrive: Arrive) -> None:
    guest = await arrive(**LOOKS[0])
    phone = await guest.page.context.new_cdp_session(guest.page)
    await phone.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"top": 47, "bottom": 34}})
    box = await guest.launcher.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == PHONE["height"] - 34 - 20
    await guest.open()
    assert await frame_box(guest) == (0, 47, PHONE["width"], PHONE["height"] - 34)
    await guest.page.set_viewport_size(ViewportSize(width=667, height=375))  # laid on its side
    await phone.send("Emulation.setSafeAreaInsetsOverride", {"insets": {"left": 47, "right": 47, "bottom": 21}})
    assert await frame_box(guest) == (47, 0, 667 - 47, 375 - 21)


async def frame_box(guest: Guest) -> tuple[float, ...]:
    """Left, top, right and bottom of what the frame shows."""
    box = await guest.page.locator("kefu-widget iframe").bounding_box()
    assert box is not None
    return (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])


async def test_whoever_wants_little_motion_gets_none(arrive: Arrive) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    for motion, panel, message in (("no-preference", "0.16s, 0.16s", "0.18s"), ("reduce", "0s", "0s")):
        await guest.page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
        style = "part => [getComputedStyle(part).transitionDuration, getComputedStyle(part).animationDuration]"
        assert await guest.panel.evaluate(style) == [panel, "0s"]
        assert await guest.by("bot").last.evaluate(style) == ["0s", message]


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
    async with guest.page.expect_event("requestfinished", lambda request: request.method == "DELETE"):
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


async def test_all_that_the_chat_loads_is_small(app: RunningApp) -> None:
    async with app.client() as client:
        script, page = await client.get("/widget.js"), await client.get("/?embedded=1")
        assert script.headers["content-type"].startswith("text/javascript")
        assert json.loads(script.text.rpartition("begin(document.currentScript, ")[2].partition(");")[0])
        assert isinstance(STATIC, Path)
        # Of the two languages one is loaded, and a frame has no icon of its own.
        elsewhere = {"help.css", "widget.js", "words-en.js", "favicon.svg"}
        names = [path.name for path in STATIC.rglob("*") if path.is_file() and path.name not in elsewhere]
        loaded = [script, page, *[await client.get(f"/static/{name}") for name in names]]
    assert {answer.status_code for answer in loaded} == {200}
    assert sum(len(gzip.compress(answer.content)) for answer in loaded) < MOST_BYTES

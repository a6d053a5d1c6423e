"""A browser that refuses the frame its storage: a cookie keeps the talk, or the visitor is told and has a way on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.embedded.conftest import Arrive
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_accessibility import still, violations
from tests.browser.visitor import Visitor
from tests.support.app import RunningApp
from tests.support.web_visitor import browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

#: As Chromium does for frames of other sites; locks are refused there too.
REFUSED = """{
    const refuse = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: refuse });
    navigator.locks.request = async () => refuse();
}"""


#: What a customer's message on the page ever said.
WATCH = """
    window.everSaid = [];
    const look = () => document.querySelectorAll(".message.customer .text").forEach(
        ({ textContent }) => window.everSaid.includes(textContent) || window.everSaid.push(textContent));
    const everything = { childList: true, subtree: true };
    addEventListener("DOMContentLoaded", () => new MutationObserver(look).observe(document, everything));
"""


@asynccontextmanager
async def out_of_reach(guest: Guest, what: str) -> AsyncIterator[None]:
    """As when the chat's server is away."""
    await guest.page.context.route(what, gone)
    yield
    await guest.page.context.unroute(what, gone)


async def gone(route: Route) -> None:
    await route.abort()


async def refuse_everything(guest: Guest, only_in: str = "true") -> None:
    """No storage, and no cookie either."""
    await guest.page.context.add_init_script(f"if ({only_in}) {REFUSED}")
    await guest.page.context.route("**/chat/session", has_no_cookie)


async def has_no_cookie(route: Route) -> None:
    await (route.fulfill(status=204) if route.request.method == "GET" else route.continue_())


async def test_on_a_foreign_site_the_talk_goes_on_from_page_to_page_until_a_reset(
    arrive: Arrive, site: ShopSite
) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.arrive(site.far_origin)
    await guest.open()
    given = await guest.composer.evaluate("() => { try { return typeof localStorage } catch (e) { return e.name } }")
    assert given == "SecurityError"  # by Chromium itself
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    await expect(guest.chat.locator("#forgetful")).to_be_hidden()
    assert await guest.frame.evaluate("document.cookie") == ""
    await guest.arrive(f"{site.far_origin}/cart")
    await guest.open()
    await guest.sees("几天到")
    await guest.call("reset")
    await expect(guest.by("customer")).to_have_count(0)
    await guest.arrive(site.far_origin)
    await guest.open()
    await expect(guest.by("customer")).to_have_count(0)


async def test_a_reset_that_the_server_did_not_hear_of_is_made_good_before_anything_is_shown(
    arrive: Arrive, app: RunningApp, site: ShopSite
) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.arrive(site.far_origin)
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    token = await guest.frame.evaluate("fetch('/chat/session').then((kept) => kept.json()).then(({ token }) => token)")
    async with out_of_reach(guest, f"{site.chat}/**"):
        await guest.call("reset")
        await expect(guest.by("customer")).to_have_count(0)
        await guest.page.goto(f"{site.far_origin}/cart")
    await guest.page.context.add_init_script(WATCH)
    await guest.arrive(site.far_origin)  # nobody opens the chat
    while await guest.page.evaluate("localStorage.getItem('kefu.ends')"):
        await guest.page.wait_for_timeout(50)
    async with browser(app.url, token) as copied:
        assert (await copied.get("/chat/transcript")).status_code == 401
    await guest.open()
    await guest.say("多少钱")
    await expect(guest.by("bot").last).to_be_visible()
    assert await guest.frame.evaluate("window.everSaid") == ["多少钱"]
    await guest.arrive(f"{site.far_origin}/cart")  # the next talk has its cookie
    await guest.open()
    await guest.sees("多少钱")
    await expect(guest.by("customer")).to_have_count(1)


async def test_a_log_out_on_a_page_where_the_chat_did_not_come_up_holds_on_the_next(
    arrive: Arrive, site: ShopSite
) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    async with out_of_reach(guest, "**/?embedded*"):
        await guest.arrive(f"{site.origin}/cart")
        await guest.call("reset")
    await guest.arrive(site.origin)
    await guest.open()
    await expect(guest.chat.locator("#welcome")).to_be_visible()
    await expect(guest.by("customer")).to_have_count(0)
    assert await guest.kept("user") is None


async def test_she_is_told_and_goes_on_in_a_page_of_its_own(arrive: Arrive, site: ShopSite) -> None:
    guest = await arrive(viewport=PHONE)
    await refuse_everything(guest, "location.search.includes('embedded')")
    await guest.arrive(site.origin)
    await guest.open()
    await expect(guest.chat.locator("#forgetful")).to_be_hidden()  # nothing is said yet that could be lost
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    await expect(guest.chat.locator("#forgetful")).to_be_visible()
    await expect(guest.chat.locator("#forgetful")).to_contain_text("离开本页就找不回来")
    for size in (PHONE, DESKTOP):
        for scheme in ("light", "dark"):
            await guest.look(size, scheme)
            await still(guest.frame)
            assert await violations(guest.frame) == []
    assert await guest.page.evaluate("localStorage.getItem('kefu.talked')") is None
    async with guest.page.expect_popup() as popup:
        await guest.chat.get_by_role("button", name="在单独的页面里接着聊").click()
    there = Visitor(await popup.value)
    await there.page.get_by_role("button", name="在这里继续").click()
    await there.sees("几天到")
    await expect(there.page.locator("#forgetful")).to_be_hidden()
    await there.page.reload()
    await there.sees("几天到")

    await guest.arrive(f"{site.origin}/cart")
    await guest.open()
    await expect(guest.by("customer")).to_have_count(0)  # as she was told


async def test_a_page_of_its_own_that_keeps_nothing_offers_the_other_ways(arrive: Arrive, app: RunningApp) -> None:
    guest = await arrive(viewport=PHONE)
    await refuse_everything(guest)
    visitor = Visitor(guest.page)
    await visitor.open(app.url)
    await visitor.say("几天到")
    await visitor.sees("2 到 4 天")
    await visitor.page.locator("#forgetful").get_by_role("button", name="要离开一会儿？").click()
    await expect(visitor.page.locator("#menu-sheet")).to_be_visible()

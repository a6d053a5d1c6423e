"""What strangers try at the widget: other windows, other sites, and words that would run."""

import pytest
from playwright.async_api import expect

from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import checked
from knowledge_base.values import ArticleStatus
from staff.values import Role
from tests.browser.conftest import DESKTOP
from tests.browser.embedded.conftest import Arrive
from tests.browser.embedded.files import attach, payload, rows
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_shop import ApiDesk
from tests.support.app import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

RUNS = "<img src=x onerror=window.ran=1><svg onload=window.ran=1><script>window.ran=1</script>"


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


async def test_what_would_run_is_text_wherever_it_is_shown(arrive: Arrive, app: RunningApp, desk: ApiDesk) -> None:
    """In the visitor's words, a file's name, an article, an agent's name and words."""
    late = "不会运行，它是普通的文字。" * 10  # so that the visitor's own words do not find the article by its answer
    await publish(app, "这段会运行吗？", f"{late}{RUNS} [x](javascript:window.ran=1)")
    guest = await arrive(viewport=DESKTOP)
    await guest.open()
    await attach(guest, payload("<img src=x onerror=window.ran=1>.txt", b"plain words"))
    await expect(rows(guest).locator(".ready")).to_have_count(1)
    assert await ran(guest) == []
    await guest.say(RUNS)
    await expect(guest.by("customer").get_by_role("link")).to_contain_text("onerror")
    await guest.say("这段会运行吗？")
    await expect(guest.by("bot").filter(has_text="onerror")).to_have_count(1)
    id_ = await desk.newest()
    async with app.client(await app.add_staff("eve", Role.AGENT, alias=RUNS)) as client:
        eve = ApiDesk(client, RUNS)
        await eve.take(id_)
        await eve.reply(id_, RUNS)
    await expect(guest.by("agent").locator(".author")).to_contain_text("onerror")
    await expect(guest.chat.locator("#who")).to_contain_text("onerror")
    await guest.sees(RUNS, times=3)
    assert await ran(guest) == []


async def publish(app: RunningApp, question: str, answer: str) -> None:
    content = checked({"question": question, "answer": answer})
    async with app.database.write() as session:
        edit = Edit("test", app.clock.now())
        await create_article(session, "hostile", "zh", content, edit, ArticleStatus.PUBLISHED)
    await app.services.knowledge.refresh()


async def ran(guest: Guest) -> list[str]:
    """What of it became a part of the page, or ran."""
    script = """() => [...document.querySelectorAll("#chat :is(img, svg, script)")].map(part => part.outerHTML)
                      .concat("ran" in window ? ["it ran"] : [])"""
    found: list[str] = await guest.frame.evaluate(script)
    return found

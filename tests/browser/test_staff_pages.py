"""An agent's and an owner's day in a real browser: on a phone and a wide screen, in both languages, checked by axe."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from admin.api.context import PREFIX
from admin.pages.wording import words
from conversations.desk import canned
from conversations.desk.canned import CannedText
from conversations.values import DeliveryState
from customers import tasks
from customers.tasks import TaskDraft
from customers.values import TaskKind
from knowledge_base import labels, synonyms
from knowledge_base.article_audit import Edit
from staff import teams
from staff.values import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessibility import violations
from tests.integration.pages.browsing import on_telegram
from tests.integration.pages.strays import parked, troubled
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NewContext = Callable[..., Awaitable[BrowserContext]]
#: The agent looks at one language on the phone and the other on a wide screen, the owner the other way round.
AGENTS = [("zh", PHONE), ("en", DESKTOP)]
OWNERS = [("en", PHONE), ("zh", DESKTOP)]
PAGES = ["/admin", "/admin/figures", "/admin/astray", "/admin/astray/events/{event}",
         "/admin/astray/deliveries/{delivery}", "/admin/customers", "/admin/customers/1", "/admin/customers/1/erase",
         "/admin/tasks", "/admin/money", "/admin/articles", "/admin/labels", "/admin/synonyms", "/admin/unanswered",
         "/admin/canned", "/admin/programmes", "/admin/programmes/birthday", "/admin/rules", "/admin/rules/calendars",
         "/admin/shop?q=intro", "/admin/staff", "/admin/teams", "/admin/audit", "/admin/me"]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def app(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[RunningApp]:
    with sqlite_files.fresh() as url:
        async with running_app(make_settings(url, tmp_path), listens=True) as running:
            yield running


async def customer_says(app: RunningApp, key: str, message_id: str, text: str) -> None:
    async with app.client(key) as shop:
        said = {"customer": "C-1", "message_id": message_id, "text": text, "name": "王女士"}
        (await shop.post(f"{PREFIX}/messages", json=said)).raise_for_status()


async def signed_in(
    app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int], role: Role = Role.ADMIN
) -> Page:
    options: dict[str, Any] = {"viewport": viewport, "locale": "zh-CN" if language == "zh" else "en-GB"}
    page = await (await new_context(**options)).new_page()
    await page.goto(f"{app.url}/admin")
    if language == "en":
        await page.get_by_role("button", name="English").click()
    say = words(language)
    await page.get_by_label(say["key"]).fill(await app.add_staff("小李", role, alias="小李"))
    await page.get_by_role("button", name=say["sign_in"]).click()
    await expect(page.get_by_role("heading", name=say["queue"])).to_be_visible()
    return page


async def fits(page: Page) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


async def is_fine(page: Page) -> None:
    assert await violations(page) == [], page.url
    assert await fits(page), page.url


async def fits_either(page: Page, viewport: dict[str, int]) -> None:
    """On the phone and on the wide screen."""
    for each in (PHONE, DESKTOP, viewport):
        await page.set_viewport_size({"width": each["width"], "height": each["height"]})
        assert await fits(page), f"{page.url} at {each}"


async def fill(app: RunningApp) -> dict[str, int]:
    """Something on every page: what went astray, a label, words that mean the same, a team, a task."""
    now = app.clock.now()
    async with app.database.write() as session:
        edit = Edit("小李", now)
        await labels.set_label(session, "火星能送吗，送到要多久，运费怎么算", None, "zh", edit)
        await synonyms.replace_synonyms(session, [("退款", "退钱"), ("refund", "money back")], edit)
        await teams.save_team(session, "茶叶组", ["小李"], None, by="小李", now=now)
        await tasks.add_task(session, TaskDraft(TaskKind.REPORT, "week", text="一周小结\n过了时限的单子：0"), now)
    lost = await troubled(app, 1001, "小李", DeliveryState.UNKNOWN)
    return {"event": await parked(app), "delivery": lost}


async def is_published(page: Page, say: Mapping[str, str]) -> None:
    """At once, or, where the trial takes long, by itself a little later."""
    for _ in range(120):
        if await page.get_by_text(say["is_published"]).is_visible():
            return
        await page.wait_for_timeout(500)
        await page.reload()
    raise AssertionError("it is still being checked")


async def joins_telegram(app: RunningApp, page: Page, say: Mapping[str, str]) -> None:
    await on_telegram(app)
    await page.reload()
    await page.get_by_role("button", name=say["join_telegram"]).click()
    await expect(page.get_by_role("link", name="https://t.me/tea_bot?start=staff_")).to_be_visible()
    await is_fine(page)


#: What stands in the bar for an owner, at hand or behind "More".
IN_THE_BAR = ["", "/customers", "/tasks", "/money", "/articles", "/unanswered", "/me", "/figures", "/astray", "/audit",
              "/canned", "/programmes", "/rules", "/shop", "/staff"]  # fmt: skip


@pytest.mark.parametrize(("language", "viewport"), OWNERS)
async def test_every_page_is_reached_from_one_row_and_by_keyboard(
    app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int]
) -> None:
    """The bar is one row; "More" opens with Enter, is tabbed through, and folds away with Escape and elsewhere."""
    page = await signed_in(app, new_context, language, viewport)
    bar, more = page.locator("header nav"), page.locator("#more-pages summary")
    assert await bar.evaluate("bar => bar.offsetHeight < 1.5 * bar.firstElementChild.offsetHeight")
    await expect(bar.get_by_role("link", name=words(language)["queue"])).to_have_attribute("aria-current", "page")
    await more.focus()
    await page.keyboard.press("Enter")
    await is_fine(page)
    links = bar.get_by_role("link")
    shown = {await link.get_attribute("href") for link in await links.all()}
    assert (shown, await links.count()) == ({f"/admin{path}" for path in IN_THE_BAR}, len(IN_THE_BAR))
    await page.keyboard.press("Tab")
    await expect(page.locator("#more-pages a:focus")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await expect(page.get_by_role("link", name=words(language)["audit_book"])).to_be_hidden()
    await more.click()
    await page.mouse.click(viewport["width"] / 2, viewport["height"] - 5)
    await expect(page.get_by_role("link", name=words(language)["audit_book"])).to_be_hidden()
    await more.click()
    await page.get_by_role("link", name=words(language)["rules"], exact=True).click()
    await expect(more).to_contain_text(words(language)["rules"])
    await more.click()
    await expect(bar.locator("a[aria-current]:visible")).to_have_text(words(language)["rules"])
    await is_fine(page)


@pytest.mark.parametrize(("language", "viewport"), AGENTS)
async def test_a_day_of_an_agent(
    app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int]
) -> None:
    """Takes the next case, undoes a word, answers with what is at hand, keeps a note, waits, solves it, goes home."""
    shop = await app.add_staff("shop", Role.CHANNEL)
    await customer_says(app, shop, "m1", "收到的茶罐破了，太失望了")
    await app.add_staff("小陈", Role.AGENT)
    async with app.database.write() as session:
        text = CannedText(zh="{customer}您好，{number}号给您补发。")
        await canned.save(session, "补发", text, by="test", now=app.clock.now())
    say = words(language)
    page = await signed_in(app, new_context, language, viewport, Role.AGENT)
    await page.get_by_role("button", name=say["next"]).click()
    reply, send = page.get_by_label(say["reply"], exact=True), page.get_by_role("button", name=say["send"])
    await reply.fill("又是她")
    await send.click()
    await page.locator("#talk .held").get_by_role("button", name=say["undo"]).click()
    await expect(page.locator("#talk").get_by_text("又是她")).to_have_count(0)
    await page.get_by_role("button", name=say["insert"]).click()
    await expect(reply).to_have_value("王女士您好，1001号给您补发。")
    await is_fine(page)
    await send.click()
    await expect(page.locator("#talk .held")).to_be_visible()
    await customer_says(app, shop, "m2", "谢谢，辛苦了")
    await expect(page.locator("#talk .customer").get_by_text("辛苦了")).to_be_visible()
    await page.get_by_label(say["note"]).fill("问过仓库")
    await page.get_by_role("button", name=say["keep_note"]).click()
    await expect(page.locator("#events").get_by_text("问过仓库")).to_be_visible()
    await page.get_by_role("button", name=say["wait_for_customer"]).click()
    await expect(page.locator(".facts dd").get_by_text(say["status_pending"])).to_be_visible()
    for summary in (say["later"], say["pass_on"], say["block"]):
        await page.locator("summary").get_by_text(summary, exact=True).click()
    await is_fine(page)
    await page.get_by_label(say["root_cause"]).select_option(index=1)
    await page.get_by_role("button", name=say["resolve"]).click()
    await expect(page.locator(".facts dd").get_by_text(say["status_resolved"])).to_be_visible()
    await expect(page.locator("#talk .agent .words").get_by_text("1001号给您补发")).to_be_visible()
    await page.goto(f"{app.url}/admin/me")
    await page.get_by_role("button", name=say["be_away"]).click()
    await expect(page.get_by_role("button", name=say["be_online"])).to_be_visible()
    await joins_telegram(app, page, say)


@pytest.mark.parametrize(("language", "viewport"), OWNERS)
async def test_a_day_of_an_owner(
    app: RunningApp, new_context: NewContext, language: str, viewport: dict[str, int]
) -> None:
    """Looks everywhere, mends an article and publishes it, writes a ready-made reply, turns a programme on, adds a
    colleague, erases somebody who asked for it.
    """
    shop = await app.add_staff("shop", Role.CHANNEL)
    await customer_says(app, shop, "m1", "收到的茶罐破了，太失望了")
    say = words(language)
    page = await signed_in(app, new_context, language, viewport)
    things = await fill(app)
    for address in PAGES:
        await page.goto(app.url + address.format_map(things))
        await is_fine(page)
        await fits_either(page, viewport)
    await page.goto(f"{app.url}/admin/articles/delivery?language=en")
    await page.get_by_label(say["answer"], exact=True).fill("Two days.")
    await page.get_by_role("button", name=say["save_draft"]).click()
    await expect(page.get_by_role("button", name=say["publish"], exact=True)).to_be_visible()
    await is_fine(page)
    await page.get_by_role("button", name=say["publish"], exact=True).click()
    await is_published(page, say)
    await page.get_by_role("link", name=say["what_changed"]).click()
    await expect(page.locator("ins").get_by_text("Two days.")).to_be_visible()
    await is_fine(page)
    await page.goto(f"{app.url}/admin/canned")
    await page.get_by_label(say["canned_name"]).fill("补发")
    await page.get_by_label(say["text_zh"]).fill("{nonsense}")
    await page.get_by_role("button", name=say["save"]).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await is_fine(page)
    await page.goto(f"{app.url}/admin/programmes/birthday")
    await page.get_by_role("button", name=say["enable"]).click()
    await expect(page.get_by_text(say["is_on"], exact=True)).to_be_visible()
    await page.goto(f"{app.url}/admin/staff")
    await page.get_by_label(say["field_name"], exact=True).fill("小陈")
    await page.get_by_role("button", name=say["add"], exact=True).click()
    await expect(page.get_by_text("kefu_")).to_be_visible()
    await is_fine(page)
    await page.goto(f"{app.url}/admin/customers/1")
    await page.get_by_role("link", name=say["erase"]).click()
    await page.get_by_label(say["type_the_number"]).fill("1")
    await page.get_by_role("button", name=say["erase_now"]).click()
    await expect(page.get_by_role("heading", name=say["is_gone"])).to_be_visible()
    await is_fine(page)

"""A visit on a shop's own site, at both sizes, light and dark: all there is to do and see, and what axe says of it."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from conversations.channels import TELEGRAM
from conversations.repository import ensure_account
from tests.browser.conftest import PHONE
from tests.browser.embedded.conftest import LOOKS, Arrive
from tests.browser.embedded.files import attach, carry, payload, rows
from tests.browser.embedded.guest import Guest
from tests.browser.embedded.shop_site import ShopSite
from tests.browser.test_accessibility import still, violations
from tests.browser.test_shop import ApiDesk
from tests.integration.api.test_uploads import PDF
from tests.support.app import RunningApp
from tests.unit.conversations.test_media import heic

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = {"zh-CN": "zh-CN", "en-GB": "en"}
OPEN = {"zh-CN": "打开对话", "en-GB": "Open the chat"}
CLOSE = {"zh-CN": "收起对话", "en-GB": "Close the chat"}
QUESTION = {"zh-CN": "几天到", "en-GB": "when will it arrive"}
ANSWER = {"zh-CN": "一般 2 到 4 天送到", "en-GB": "It takes 2-4 days."}
NEWS = {"zh-CN": "1 条新消息", "en-GB": "1 new message"}
LIMIT = {"zh-CN": "每个最多 10 MB，一次最多 10 个", "en-GB": "10 MB each, 10 at a time"}
PERSON = {"zh-CN": "人工", "en-GB": "person"}
PEOPLE = {"zh-CN": "现在有同事在|上班", "en-GB": "People are (here now|back)"}


async def is_fine(place: Guest, *, page: bool = False) -> None:
    """axe finds nothing in the chat, or on the page around it."""
    seen = place.page if page else place.frame
    await still(seen)
    assert await violations(seen) == []


def sessions_opened(page: Page) -> list[str]:
    """The conversations that the page asks the chat for, from now on."""
    opened: list[str] = []
    page.on("request", lambda request: opened.append(request.method) if "/chat/session" in request.url else None)
    return opened


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['locale']}-{look['viewport']['width']}-{look['color_scheme']}"
)
async def test_one_line_brings_the_chat_to_the_shops_own_site(
    arrive: Arrive, app: RunningApp, site: ShopSite, desk: ApiDesk, look: dict[str, Any]
) -> None:
    async with app.database.write() as session:
        await ensure_account(session, "telegram:teabot", TELEGRAM, app.clock.now())
    locale, is_phone = look["locale"], look["viewport"] is PHONE
    guest = await arrive(PAGE[locale], **look)
    complaints: list[str] = []
    guest.page.on("console", lambda message: complaints.append(message.text))
    opened = sessions_opened(guest.page)
    await expect(guest.launcher).to_have_accessible_name(OPEN[locale])
    await expect(guest.badge).to_be_hidden()
    assert opened == []  # who never opens it costs nobody anything
    await is_fine(guest, page=True)

    await (guest.open if is_phone else guest.open_by_keyboard)()
    await expect(guest.launcher).to_have_attribute("aria-expanded", "true")
    await expect(guest.panel).to_have_attribute("aria-modal", str(is_phone).lower())
    await expect(guest.chat.locator("#people")).to_have_text(re.compile(PEOPLE[locale]))
    await asks(guest, locale)
    await adds_files(guest, locale, is_phone)
    await looks_into_every_sheet(guest, locale)

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


async def asks(guest: Guest, locale: str) -> None:
    await guest.say(QUESTION[locale])
    await guest.sees(ANSWER[locale])
    size = await guest.composer.evaluate("field => parseFloat(getComputedStyle(field).fontSize)")
    assert size >= 16  # a phone does not zoom in
    await expect(guest.chat.locator("#forgetful")).to_be_hidden()
    await is_fine(guest)
    await is_fine(guest, page=True)


async def adds_files(guest: Guest, locale: str, is_phone: bool) -> None:
    """The limit is said first; several at once, a phone's own kind of picture; what cannot go says why."""
    await guest.chat.locator("#attach").click()
    await expect(guest.chat.locator("#limit")).to_contain_text(LIMIT[locale])
    await expect(guest.chat.locator("#camera")).to_be_visible(visible=is_phone)
    await expect(guest.chat.locator("#shot")).to_have_attribute("capture", "environment")
    await attach(guest, payload("tin.heic", heic()), payload("bill.pdf", PDF), payload("empty.txt", b""))
    await expect(rows(guest).locator(".ready")).to_have_count(2)
    await expect(rows(guest).locator(".fault")).to_have_count(1)
    await is_fine(guest)
    await rows(guest).nth(2).get_by_role("button").click()
    if not is_phone:
        await drags_and_pastes(guest)
    await guest.say("...")
    await expect(guest.chat.locator("#tray")).to_be_hidden()
    await expect(guest.by("customer").get_by_role("link", name="bill.pdf")).to_be_visible()
    # Pictures out of sight are loaded when they are looked at, and one is drawn again when the server's copy comes.
    await guest.frame.wait_for_function("""() => {
        const image = document.querySelector(".message.customer img");
        image?.scrollIntoView();
        return image?.complete && image.naturalWidth > 0;
    }""")
    await expect(guest.chat.locator(".message.unsent")).to_have_count(0)


async def drags_and_pastes(guest: Guest) -> None:
    await carry(guest, "paste", "pasted.txt")
    await carry(guest, "dragenter", "dropped.txt")
    await expect(guest.chat.locator("#drop")).to_contain_text("10 MB")
    await is_fine(guest)
    await carry(guest, "drop", "dropped.txt")
    await expect(guest.chat.locator("#drop")).to_be_hidden()
    await expect(rows(guest).locator(".ready")).to_have_count(4)


async def looks_into_every_sheet(guest: Guest, locale: str) -> None:
    """Ways back, and what else there is beside writing. Escape closes a sheet, and not the chat."""
    await guest.say(PERSON[locale])
    await guest.chat.locator("#away").click()
    await expect(guest.chat.locator("#to-telegram")).to_be_visible()
    await guest.chat.locator("#hours").click()
    await expect(guest.chat.locator("#week li").first).to_be_visible()
    await is_fine(guest)
    for sheet in ("contact-sheet", "link-sheet", "case-sheet"):
        await guest.chat.locator(f"#menu-sheet [data-opens={sheet}]").click()
        await expect(guest.chat.locator(f"#{sheet} h2")).to_be_visible()
        await is_fine(guest)
        size = await guest.chat.locator(f"#{sheet} input").first.evaluate("field => getComputedStyle(field).fontSize")
        assert float(size.removesuffix("px")) >= 16
        await guest.page.keyboard.press("Escape")
        await expect(guest.chat.locator("dialog[open]")).to_have_count(0)
        await guest.chat.locator("#menu").click()
    await guest.page.keyboard.press("Escape")
    await expect(guest.panel).to_be_visible()


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
    await guest.composer.press("Escape")
    await expect(guest.launcher).to_be_focused()


async def is_told_of_news(guest: Guest, desk: ApiDesk, locale: str) -> None:
    """An answer comes while the chat is closed."""
    id_ = await desk.newest()
    await desk.take(id_)
    await desk.reply(id_, "我是小安")
    await expect(guest.badge).to_have_text("1")
    await expect(guest.launcher).to_have_accessible_name(f"{OPEN[locale]} · {NEWS[locale]}")
    await is_fine(guest, page=True)
    await guest.open()
    await guest.sees("我是小安")

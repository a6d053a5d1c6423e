"""The page for everybody: checked by axe, by keyboard alone, on small and large screens, light and dark."""

import json
from importlib.resources import files
from typing import Literal

import pytest
from playwright.async_api import Frame, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenScripted, OpenVisitor
from tests.browser.script import Script
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in SCHEMES]
ASKED: dict[str, object] = {"resultTypes": ["violations"], "iframes": False}
COLOURS = ["#1c6b52", "#ffd400", "#0b2a6f", "#e91e63", "#00bcd4", "#ffffff", "#000000"]


async def violations(page: Page | Frame, *rules: str) -> list[str]:
    """Of these rules, or of all."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    options = ASKED | ({"runOnly": rules} if rules else {})
    found = await page.evaluate(f"axe.run({json.dumps(options)})")
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


async def everything_at_once(visitor: Visitor, script: Script) -> None:
    """A page with each kind of message, line and button on it."""
    script.message(1, "早", at="2026-03-04T01:00:00Z")
    script.message(2, "**哪种茶？**\n- 绿茶\n- [红茶](https://example.com)", buttons=[{"id": "a", "label": "绿茶"}])
    script.message(3, "https://example.com/mine", author="customer", message_id="x")
    script.message(4, "我是小李", author="agent", name="小李")
    script.message(5, "您好，我是小李", author="agent", name="小李", replaces="m4")
    script.message(6, "发错", author="agent", name="小李")
    script.message(7, "", author="agent", name="小李", replaces="m6")
    script.message(8, "还有吗？", buttons=[{"id": "b", "label": "有"}, {"id": "c", "label": "没有"}])
    await visitor.say("没发出去的")
    script.tell("error", error="too_many", detail="", id=(await script.heard("said"))["id"])
    await visitor.say("还没发出去的")
    script.tell("state", state="waiting", since=None, answer_by="2026-03-05T10:00:00Z", **{"with": None})
    script.tell("typing")
    await expect(visitor.page.locator("#typing")).to_be_visible()
    await visitor.page.locator("#note").wait_for()
    await still(visitor.page)


async def still(page: Page | Frame) -> None:
    """All animations that end have ended: half-faded text has no contrast."""
    await page.evaluate("""Promise.all(document.getAnimations()
        .filter(animation => animation.effect.getComputedTiming().iterations === 1)
        .map(animation => animation.finished))""")


async def violations_with_note(visitor: Visitor, *rules: str) -> list[str]:
    """The note is gone after some seconds; here it is seen every time."""
    await visitor.page.locator("#note").evaluate("note => { note.hidden = false }")
    await still(visitor.page)
    return await violations(visitor.page, *rules)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_axe_finds_nothing_on_a_full_page(open_scripted: OpenScripted, locale: str) -> None:
    visitor, script = await open_scripted(locale=locale)
    await everything_at_once(visitor, script)
    for size, scheme in LOOKS:
        await visitor.page.set_viewport_size(size)
        await visitor.page.emulate_media(color_scheme=scheme)
        assert await violations_with_note(visitor) == [], (size, scheme)


async def test_axe_finds_nothing_on_an_empty_page_without_a_connection(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await script.hang_up(4403)
    await expect(visitor.notice).to_be_visible()
    assert await violations(visitor.page) == []


async def test_any_colour_of_the_shop_stays_readable(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await everything_at_once(visitor, script)
    for scheme in SCHEMES:
        await visitor.page.emulate_media(color_scheme=scheme)
        for colour in COLOURS:
            await visitor.page.locator("html").evaluate("(html, it) => html.style.setProperty('--brand', it)", colour)
            assert await violations_with_note(visitor, "color-contrast") == [], (scheme, colour)


async def test_axe_finds_a_fault_that_was_put_in(open_scripted: OpenScripted) -> None:
    visitor, _ = await open_scripted()
    await visitor.page.evaluate("document.getElementById('text').removeAttribute('aria-label')")
    await visitor.page.evaluate("document.getElementById('text').removeAttribute('placeholder')")
    assert await violations(visitor.page) != []


async def test_the_keyboard_alone_reaches_everything(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor(viewport=DESKTOP)
    keyboard = visitor.page.keyboard
    await expect(visitor.composer).to_be_focused()
    await keyboard.type("在吗")
    await keyboard.press("Enter")
    await expect(visitor.choice("配送")).to_be_visible()
    for _ in range(4):  # the four choices lie before the composer
        await keyboard.press("Shift+Tab")
    await expect(visitor.choice("配送")).to_be_focused()
    await keyboard.press("Enter")
    await visitor.sees("江浙沪")
    await expect(visitor.choice("配送")).to_be_focused()
    order = [await tabbed(visitor, "Tab") for _ in range(4)]
    assert order == ["查看运费说明", "有帮助", "没有帮助", "您的消息"]  # choices that are over are passed by


async def tabbed(visitor: Visitor, key: str) -> str:
    """Presses the key; what then has the focus."""
    await visitor.page.keyboard.press(key)
    script = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    return str(await visitor.page.evaluate(script))


@pytest.mark.parametrize(
    "viewport", [PHONE, DESKTOP, {"width": 320, "height": 480}], ids=lambda size: str(size["width"])
)
async def test_nothing_sticks_out_sideways_and_the_composer_is_in_sight(
    open_scripted: OpenScripted, viewport: dict[str, int]
) -> None:
    visitor, script = await open_scripted(viewport=viewport)
    script.message(1, "x" * 500 + " https://example.com/" + "y" * 500)
    script.message(2, "?", buttons=[{"id": "1", "label": "很长的一个选项" * 12}])
    await everything_at_once(visitor, script)
    parts = visitor.page.locator("html, #chat, #scroller, .bubble")
    assert (
        await parts.evaluate_all("parts => parts.filter(part => part.scrollWidth > part.clientWidth + 1).length") == 0
    )
    await expect(visitor.composer).to_be_in_viewport(ratio=1)


async def test_the_composer_is_large_enough_that_a_phone_does_not_zoom(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    size = await visitor.composer.evaluate("field => parseFloat(getComputedStyle(field).fontSize)")
    assert size >= 16


async def test_a_growing_text_keeps_the_latest_message_in_sight(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await visitor.choice("配送").click()
    await visitor.sees("江浙沪")
    await visitor.composer.fill("一\n二\n三\n四\n五\n六\n七\n八\n九")
    await expect(visitor.choice("没有帮助")).to_be_in_viewport(ratio=1)
    await expect(visitor.composer).to_be_in_viewport(ratio=1)


async def test_whoever_wants_little_motion_gets_none(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted(reduced_motion="reduce")
    script.message(1, "您好")
    script.tell("typing")
    await expect(visitor.page.locator("#typing")).to_be_visible()
    assert await visitor.page.evaluate("document.getAnimations().length") == 0


async def test_new_messages_are_announced_and_named(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    log = visitor.page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("listitem")).to_have_count(2)
    await expect(log.get_by_role("listitem").first).to_contain_text("您")

"""In the widget on a shop's own site: the ways back into a conversation, and the sound of news."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from conversations.channels import TELEGRAM
from conversations.repository import ensure_account
from tests.browser.conftest import DESKTOP
from tests.browser.embedded.conftest import LOOKS, Arrive
from tests.browser.embedded.guest import Guest
from tests.browser.test_accessibility import still, violations
from tests.browser.test_shop import ApiDesk
from tests.support.app import RunningApp

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE_ZH = LOOKS[0]


def frames_sent(page: Page) -> list[str]:
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    return sent


@pytest.mark.usefixtures("desk")
async def test_nobody_can_answer_now_and_the_answer_still_finds_her(
    arrive: Arrive, app: RunningApp, new_context: Callable[..., Awaitable[BrowserContext]]
) -> None:
    async with app.database.write() as session:
        await ensure_account(session, "telegram:teabot", TELEGRAM, app.clock.now())
    guest = await arrive(**PHONE_ZH | {"timezone_id": "Europe/London"})
    sent = frames_sent(guest.page)
    await guest.open()
    await expect(guest.chat.locator("#people")).to_contain_text(re.compile("现在有同事在|上班"))
    await guest.say("收到的茶罐破了，太失望了")
    await guest.sees("编号")
    await guest.say("人工")
    assert any('"typing"' in frame for frame in sent)
    await guest.chat.get_by_role("button", name="要离开一会儿？").click()
    await guest.chat.locator("#hours").click()
    await expect(guest.chat.locator("#zone")).to_contain_text("Europe/London")
    await expect(guest.chat.locator("#week li").first).to_have_text(re.compile(r"星期.+ \d?\d:\d\d – \d?\d:\d\d"))

    await leaves_an_address(guest)
    await goes_to_telegram(guest)
    await takes_the_talk_along(guest)
    await guest.chat.get_by_role("button", name="更多").click()
    await guest.chat.get_by_role("button", name="在别的设备上接着聊").click()
    await expect(guest.chat.locator("#link")).to_have_value(re.compile("#resume="))
    address = await guest.chat.locator("#link").input_value()
    number = (
        await guest.by("bot")
        .filter(has_text="编号")
        .first.evaluate("item => /编号\\D*(\\d+)/.exec(item.textContent)[1]")
    )
    await elsewhere(await (await new_context(viewport=DESKTOP)).new_page(), address)
    await by_number(await (await new_context(viewport=DESKTOP)).new_page(), app.url, number)


async def leaves_an_address(guest: Guest) -> None:
    await guest.chat.get_by_role("button", name="留下邮箱或手机").click()
    await guest.chat.get_by_role("button", name="留下", exact=True).click()
    await expect(guest.chat.locator("#contact-fault")).to_have_text("请填邮箱或手机。")
    await guest.chat.get_by_label("邮箱", exact=True).fill("may at example")
    await guest.chat.get_by_role("button", name="留下", exact=True).click()
    await expect(guest.chat.locator("#contact-fault")).to_contain_text("好像不对")
    await still(guest.frame)
    assert await violations(guest.frame) == []
    await guest.chat.get_by_label("邮箱", exact=True).fill("May@Example.com")
    await guest.chat.get_by_role("button", name="留下", exact=True).click()
    await expect(guest.chat.locator("#contact-sheet")).to_be_hidden()
    await guest.sees("记下了，同事看得到")


async def goes_to_telegram(guest: Guest) -> None:
    await guest.page.context.route("https://t.me/**", lambda route: route.fulfill(body="Telegram"))
    await guest.chat.get_by_role("button", name="更多").click()
    async with guest.page.expect_popup() as popup:
        await guest.chat.get_by_role("button", name="到 Telegram 接着聊").click()
    telegram = await popup.value
    await telegram.wait_for_url("https://t.me/teabot?start=*")
    assert await telegram.evaluate("window.opener") is None


async def takes_the_talk_along(guest: Guest) -> None:
    await guest.chat.get_by_role("button", name="更多").click()
    async with guest.page.expect_download() as download:
        await guest.chat.get_by_role("button", name="保存对话记录").click()
    taken = await download.value
    assert taken.suggested_filename == "对话记录.txt"
    assert "收到的茶罐破了" in Path(await taken.path()).read_text("utf-8")


async def elsewhere(page: Page, address: str) -> None:
    """The link is opened once, after a yes, and no second time."""
    await page.goto(address)
    await expect(page.locator("#resume-sheet")).to_contain_text("只有链接是您自己要的")
    assert "resume" not in page.url
    await expect(page.locator(".message")).to_have_count(0)
    await page.get_by_role("button", name="在这里继续").click()
    await expect(page.locator(".message.customer").first).to_contain_text("收到的茶罐破了")
    await page.goto(f"{address}2")  # only what follows the # differs: the page stays
    await page.get_by_role("button", name="在这里继续").click()
    await expect(page.locator("#resume-fault")).to_contain_text("没有找到")
    await page.get_by_role("button", name="不用了").click()
    await expect(page.locator(".message.customer").first).to_contain_text("收到的茶罐破了")


async def by_number(page: Page, address: str, number: str) -> None:
    await page.goto(address)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="凭编号找回之前的问题").click()
    await page.get_by_label("编号", exact=True).fill(number)
    await page.get_by_role("button", name="找回").click()
    await expect(page.locator("#case-fault")).to_contain_text("都要填")
    await page.get_by_label("当时留的邮箱或手机").fill("june@example.com")
    await page.get_by_role("button", name="找回").click()
    await expect(page.locator("#case-fault")).to_contain_text("没有找到")
    await page.get_by_label("当时留的邮箱或手机").fill("may@example.com")
    await page.get_by_role("button", name="找回").click()
    await expect(page.locator("#case-sheet")).to_be_hidden()
    await expect(page.locator(".message.customer").first).to_contain_text("收到的茶罐破了")


async def test_news_makes_no_sound_until_she_wants_one(arrive: Arrive, desk: ApiDesk) -> None:
    guest = await arrive(viewport=DESKTOP)
    await guest.page.context.add_init_script("""{
        const Real = window.AudioContext;
        window.heard = 0;
        const counted = (make) => function () { window.heard += 1; return make.call(this); };
        Real.prototype.createOscillator = counted(Real.prototype.createOscillator);
    }""")
    await guest.page.reload()
    await guest.page.wait_for_function("window.Kefu")
    await guest.open()
    await guest.say("几天到")
    await guest.sees("2 到 4 天")
    id_ = await desk.newest()
    await desk.take(id_)
    for heard, words in ((0, "第一句"), (2, "第二句")):
        await guest.launcher.click()
        await desk.reply(id_, words)
        await expect(guest.badge).to_have_text("1")
        await guest.open()
        assert await guest.composer.evaluate("window.heard") == heard
        await guest.chat.get_by_role("button", name="更多").click()
        await guest.chat.get_by_role("button", name=re.compile("提示音")).click()
        await guest.chat.get_by_role("button", name="关闭").click()

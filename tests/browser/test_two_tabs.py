"""The same visitor in two tabs, and a tab that lies behind others."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Desk, OpenScripted, OpenVisitor
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def second_tab(first: Visitor) -> Visitor:
    second = Visitor(await first.page.context.new_page())
    await second.open(first.page.url)
    return second


async def test_two_tabs_show_each_message_once(open_visitor: OpenVisitor, desk: Desk) -> None:
    first = await open_visitor()
    await first.say("在吗")
    await expect(first.by("bot")).to_have_count(1)
    second = await second_tab(first)
    await second.choice("配送").click()
    await expect(second.by("bot")).to_have_count(2)
    await desk.take(first.conversation)
    await desk.reply(first.conversation, "我来了")
    for tab in (first, second):
        await tab.sees("我来了")
        await expect(tab.messages).to_have_count(5)
        await tab.sees_nothing_unsent()
        await expect(tab.header).to_contain_text(desk.agent)
    assert await first.texts() == await second.texts()


async def test_tabs_opened_together_share_one_session(open_visitor: OpenVisitor) -> None:
    first = await open_visitor("/privacy")
    second = Visitor(await first.page.context.new_page())
    address = first.page.url.replace("/privacy", "/")
    for tab in (first, second):
        await tab.page.goto(address, wait_until="commit")
    for tab in (first, second):
        await expect(tab.header).to_have_text("自动客服")
    await first.say("在吗")
    await second.sees("在吗")
    assert "" in (first.conversation, second.conversation)  # only one of them asked for a session


async def test_words_left_unsent_in_one_tab_are_sent_by_the_other_once(open_visitor: OpenVisitor) -> None:
    first = await open_visitor()
    await first.say("在吗")
    await expect(first.by("bot")).to_have_count(1)
    await first.page.context.set_offline(True)
    await first.say("配送")
    await first.page.context.set_offline(False)
    second = await second_tab(first)
    for tab in (first, second):
        await expect(tab.by("bot")).to_have_count(2)
        await tab.sees("配送")
        await tab.sees_nothing_unsent()


async def test_unread_messages_are_counted_in_the_title_until_the_tab_is_looked_at(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "您好")
    assert (await script.heard("seen"))["seq"] == 1
    await visitor.hide()
    script.message(2, "在吗")
    script.message(3, "我是小李", author="agent", name="小李")
    await expect(visitor.page).to_have_title("(2) 云栖茶铺（演示）")
    await visitor.hide(hidden=False)
    await expect(visitor.page).to_have_title("云栖茶铺（演示）")
    assert (await script.heard("seen"))["seq"] == 3

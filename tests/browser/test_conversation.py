"""Chatting with the bot, in both languages."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, OpenVisitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_visitor_asks_in_chinese_and_gets_an_answer(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await visitor.sees("在吗")
    await expect(visitor.by("bot").first).to_contain_text("自动")
    await visitor.sees_nothing_unsent()
    await visitor.page.screenshot(path="/work/tmp/chat-page/a.png")

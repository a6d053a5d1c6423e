"""Chatting with the bot, in both languages."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, OpenVisitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PLACES = [
    ("zh-CN", "在吗", "自动", PHONE),
    ("zh-CN", "在吗", "自动", DESKTOP),
    ("en-GB", "hello", "Automatic", PHONE),
    ("en-GB", "hello", "Automatic", DESKTOP),
]
FIRST = {"zh-CN": "配送", "en-GB": "Delivery"}


@pytest.mark.parametrize(("locale", "words", "author", "viewport"), PLACES)
async def test_a_visitor_asks_and_the_bot_answers_in_her_language(
    open_visitor: OpenVisitor, locale: str, words: str, author: str, viewport: dict[str, int]
) -> None:
    visitor = await open_visitor(locale=locale, viewport=viewport)
    await visitor.say(words)
    await visitor.sees(words)
    await expect(visitor.by("bot").locator(".author").first).to_contain_text(author)
    await expect(visitor.header).to_contain_text(author)
    await visitor.sees_nothing_unsent()
    await expect(visitor.page.locator("#typing")).to_be_hidden()


@pytest.mark.parametrize(("locale", "greeting"), [("zh-CN", "在吗"), ("en-GB", "hello")])
async def test_a_pressed_choice_is_said_once_and_settles_its_question(
    open_visitor: OpenVisitor, locale: str, greeting: str
) -> None:
    visitor = await open_visitor(locale=locale)
    await visitor.say(greeting)
    await visitor.choice(FIRST[locale]).click()
    await expect(visitor.by("customer")).to_have_count(2)
    await expect(visitor.by("bot")).to_have_count(2)
    pressed = visitor.page.locator(".choice.chosen")
    await expect(pressed).to_have_text(FIRST[locale])
    await expect(pressed).to_have_attribute("aria-disabled", "true")
    await pressed.click(force=True)
    await expect(visitor.page.locator("#note")).to_be_visible()
    await expect(visitor.by("customer")).to_have_count(2)


async def test_words_of_a_choice_typed_settle_it_too(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await expect(visitor.choice("配送")).to_be_visible()
    await visitor.say("配送")
    await expect(visitor.page.locator(".choice.chosen")).to_have_text("配送")


async def test_a_reloaded_page_shows_the_same_conversation(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await visitor.choice("配送").click()
    await expect(visitor.messages).to_have_count(4)
    await visitor.sees_nothing_unsent()
    before = await visitor.texts()
    await visitor.page.reload()
    await expect(visitor.messages).to_have_count(4)
    assert await visitor.texts() == before
    await expect(visitor.page.locator(".choice.chosen")).to_have_text("配送")


async def test_ten_thousand_characters_are_one_message_and_more_are_kept_for_mending(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("茶" * 10_000)
    await expect(visitor.by("bot")).to_have_count(1)
    assert (await visitor.texts())[0] == "茶" * 10_000
    await visitor.say("茶" * 10_001)
    await expect(visitor.page.locator("#note")).to_contain_text("10000")
    await expect(visitor.composer).to_have_value("茶" * 10_001)
    await expect(visitor.by("customer")).to_have_count(1)


async def test_enter_sends_and_shift_enter_starts_a_line(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.composer.press_sequentially("第一行")
    await visitor.composer.press("Shift+Enter")
    await visitor.composer.press_sequentially("第二行")
    await visitor.composer.press("Enter")
    await expect(visitor.composer).to_have_value("")
    await expect(visitor.by("bot")).to_have_count(1)
    assert (await visitor.texts())[0] == "第一行\n第二行"


async def test_the_enter_that_picks_a_word_in_an_input_method_sends_nothing(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.composer.fill("nihao")
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        await visitor.composer.dispatch_event("keydown", {"key": "Enter", **composing})
    await expect(visitor.composer).to_have_value("nihao")
    await expect(visitor.messages).to_have_count(0)


async def test_blank_messages_are_not_sent(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("  \n ")
    await visitor.say("在吗")
    await expect(visitor.by("bot")).to_have_count(1)
    await expect(visitor.by("customer")).to_have_count(1)


async def test_the_language_switch_turns_the_page_and_the_bot_and_is_remembered(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await expect(visitor.by("bot")).to_have_count(1)
    await visitor.page.get_by_role("button", name="English").click()
    await expect(visitor.header).to_have_text("Automatic assistant")
    await expect(visitor.by("bot").locator(".author").first).to_have_text("Automatic reply")
    await visitor.say("delivery")
    await visitor.sees("How long does delivery take?")
    await visitor.page.reload()
    await expect(visitor.composer).to_have_attribute("placeholder", "Write your question…")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "en")


async def test_the_address_chooses_the_language(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor("/?lang=en")
    await expect(visitor.header).to_have_text("Automatic assistant")


async def test_the_server_learns_language_and_zone_from_the_first_frame(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor(locale="en-GB", timezone_id="Europe/London")
    await visitor.say("hello")
    await expect(visitor.by("bot")).to_have_count(1)
    hello = visitor.sent[0]
    assert {**hello, "token": "-"} == {
        "type": "hello", "token": "-", "after": 0, "language": "en", "timezone": "Europe/London",
    }  # fmt: skip


async def test_a_personal_link_says_its_code_once_and_leaves_the_address(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor("/#code=ABCD1234")
    await visitor.sees("/link ABCD1234")
    await expect(visitor.by("customer")).to_have_count(1)
    assert visitor.page.url.endswith("/")
    await visitor.page.reload()
    await visitor.sees("/link ABCD1234")
    await expect(visitor.by("customer")).to_have_count(1)

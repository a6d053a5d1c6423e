"""A person is asked for, takes the conversation, and hands it back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from conversations.days import by_words
from conversations.values import Language
from tests.browser.conftest import Desk, OpenScripted, OpenVisitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

#: Thursday, 09:00 in Shanghai, 01:00 in London, and the evening before in New York.
NOW = datetime(2026, 3, 5, 1, tzinfo=UTC)
#: What was promised, what the banner says of it, and what the bot says.
PROMISES = {
    ("zh-CN", "Asia/Shanghai"): [
        ("2026-03-05T10:00:00Z", "今天 18:00 前在这里回您", "今天（周四）晚上6点前"),
        ("2026-03-05T10:00:40Z", "今天 18:00 前在这里回您", "今天（周四）晚上6点前"),  # seconds do not count
        ("2026-03-05T10:01:00Z", "今天 18:30 前在这里回您", "今天（周四）晚上6点半前"),  # never earlier
        ("2026-03-05T15:45:00Z", "明天（星期五）0:00 前在这里回您", "明天（周五）凌晨0点前"),  # over midnight
        ("2026-03-06T02:00:00Z", "明天（星期五）10:00 前在这里回您", "明天（周五）上午10点前"),
        ("2026-03-09T02:00:00Z", "星期一 10:00 前在这里回您", "3月9日（周一）上午10点前"),
    ],
    ("en-GB", "Europe/London"): [
        ("2026-03-05T10:00:00Z", "by 10:00 today", "by 10 am today, Thursday"),
        ("2026-03-06T01:40:00Z", "by 2:00 tomorrow, Friday", "by 2 am tomorrow, Friday"),
    ],
    ("en-US", "America/New_York"): [
        ("2026-03-06T14:30:01Z", "by 9:30 AM on Friday", "by 9:30 am on Friday 6 March"),
    ],
}


@pytest.mark.parametrize(
    ("locale", "words", "waiting", "author", "automatic"),
    [
        ("zh-CN", "人工", "您要找同事", "{agent}（人工）", "自动客服"),
        ("en-GB", "person", "You asked for a person", "{agent} (person)", "Automatic assistant"),
    ],
)
async def test_the_page_says_truly_who_answers(
    open_visitor: OpenVisitor, desk: Desk, locale: str, words: str, waiting: str, author: str, automatic: str
) -> None:
    visitor = await open_visitor(locale=locale)
    await visitor.say(words)
    await expect(visitor.page.locator("#waiting")).to_contain_text(waiting)
    await desk.take(visitor.conversation)
    await expect(visitor.page.locator("#waiting")).to_be_hidden()
    await expect(visitor.header).to_contain_text(desk.agent)
    await desk.reply(visitor.conversation, "OK")
    await expect(visitor.by("agent").locator(".author")).to_have_text(author.format(agent=desk.agent))
    await desk.hand_back(visitor.conversation)
    await expect(visitor.header).to_have_text(automatic)


async def test_no_dots_pretend_that_a_person_is_typing(open_visitor: OpenVisitor, desk: Desk) -> None:
    visitor = await open_visitor()
    await visitor.page.clock.install()
    await visitor.say("在吗")
    await expect(visitor.by("bot")).to_have_count(1)
    await desk.take(visitor.conversation)
    await expect(visitor.header).to_contain_text(desk.agent)
    await visitor.say("您还在吗")
    await visitor.sees_nothing_unsent()
    await visitor.page.clock.run_for(2_000)
    await expect(visitor.page.locator("#typing")).to_be_hidden()


async def test_dots_show_while_the_bot_looks_for_an_answer(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.say("配送")
    script.echo(1, await script.heard("said"))
    await expect(visitor.page.locator("#typing")).to_be_visible()
    script.message(2, "次日到")
    await expect(visitor.page.locator("#typing")).to_be_hidden()
    script.tell("typing")
    await expect(visitor.page.locator("#typing")).to_be_visible()


@pytest.mark.parametrize(("locale", "timezone"), PROMISES)
async def test_a_promised_time_is_the_bots_own_on_the_visitors_clock(
    open_scripted: OpenScripted, locale: str, timezone: str
) -> None:
    visitor, script = await open_scripted(locale=locale, timezone_id=timezone)
    await visitor.page.clock.set_fixed_time(NOW)
    for answer_by, shown, said in PROMISES[locale, timezone]:
        script.tell("state", state="waiting", answer_by=answer_by, since=None, **{"with": None})
        await expect(visitor.page.locator("#waiting")).to_contain_text(shown)
        due, language = datetime.fromisoformat(answer_by), Language(locale[:2])
        assert by_words(due, NOW, ZoneInfo(timezone), language) == said


async def test_the_header_tells_since_when_a_person_is_there(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted(locale="en-GB", timezone_id="Europe/London")
    await visitor.page.clock.set_fixed_time("2026-03-05T12:00:00Z")
    script.tell("state", state="taken", since="2026-03-05T09:02:00Z", answer_by=None, **{"with": "Li"})
    await expect(visitor.header).to_have_text("with Li since 9:02")

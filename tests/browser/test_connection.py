"""The connection is lost and comes back: each message once, in its order, nothing lost."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.conftest import Desk, OpenScripted, OpenVisitor
from tests.browser.line import Line
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAUSE_BEFORE_RETRY = 20_000  # milliseconds, more than any of the page's


async def greeted(open_visitor: OpenVisitor) -> Visitor:
    visitor = await open_visitor()
    await visitor.say("在吗")
    await expect(visitor.by("bot")).to_have_count(1)
    return visitor


async def test_what_both_sides_said_while_the_line_was_cut_arrives_once(
    open_visitor: OpenVisitor, line: Line, desk: Desk
) -> None:
    visitor = await greeted(open_visitor)
    await desk.take(visitor.conversation)
    await expect(visitor.header).to_contain_text(desk.agent)
    line.cut()
    await expect(visitor.notice).to_contain_text("重连")
    await visitor.say("第一句")
    await visitor.say("第二句")
    await desk.reply(visitor.conversation, "我在看您的订单")
    await expect(visitor.page.locator(".message.unsent")).to_have_count(2)
    await line.mend()
    await expect(visitor.notice).to_be_hidden()
    await visitor.sees_nothing_unsent()
    for text in ("第一句", "第二句", "我在看您的订单", "在吗"):
        await visitor.sees(text)
    texts = await visitor.texts()
    assert texts.index("我在看您的订单") < texts.index("第一句") < texts.index("第二句")
    assert await visitor.kept("kefu.unsent.") == []


async def test_the_page_comes_back_by_itself(open_visitor: OpenVisitor, line: Line) -> None:
    visitor = await greeted(open_visitor)
    line.cut()
    await expect(visitor.notice).to_be_visible()
    await line.mend()
    await expect(visitor.notice).to_be_hidden()
    await visitor.say("配送")
    await expect(visitor.by("bot")).to_have_count(2)


async def test_whoever_will_not_wait_reconnects_with_a_button(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.page.clock.install()
    for _ in range(5):  # a server that says nothing before it hangs up is asked more and more seldom
        await script.hang_up(1012)
        await visitor.page.clock.run_for(PAUSE_BEFORE_RETRY)
        await script.heard("hello")
    await script.hang_up(1012)
    await visitor.page.clock.run_for(2_000)
    await visitor.page.get_by_role("button", name="现在重连").click()
    await script.heard("hello")
    await expect(visitor.notice).to_be_hidden()


async def test_twenty_messages_over_a_line_that_breaks_five_times(open_visitor: OpenVisitor, line: Line) -> None:
    visitor = await greeted(open_visitor)
    said = [f"问题{number:02}" for number in range(20)]
    for number, text in enumerate(said):
        if number % 4 == 1:
            line.cut()
        await visitor.say(text)
        if number % 4 == 3:
            await line.mend()
    await visitor.sees_nothing_unsent()
    await expect(visitor.by("bot")).to_have_count(21)
    assert [text for text in await visitor.texts() if text in said] == said


async def test_words_written_offline_survive_the_closed_tab(open_visitor: OpenVisitor, chat_url: str) -> None:
    visitor = await greeted(open_visitor)
    context = visitor.page.context
    await context.set_offline(True)
    await expect(visitor.notice).to_contain_text("没有网络")
    await visitor.say("配送")
    await expect(visitor.page.locator(".message.unsent")).to_have_count(1)
    await visitor.page.close()
    await context.set_offline(False)
    later = Visitor(await context.new_page())
    await later.open(chat_url)
    await expect(later.by("bot")).to_have_count(2)
    await later.sees_nothing_unsent()
    assert (await later.texts())[2] == "配送"


async def test_a_line_that_hangs_is_given_up(open_visitor: OpenVisitor, line: Line) -> None:
    visitor = await open_visitor("/privacy")
    await visitor.page.clock.install()
    await visitor.page.goto(line.url)
    await visitor.say("在吗")
    await expect(visitor.by("bot")).to_have_count(1)
    line.hangs = True
    await visitor.say("配送")
    line.hangs = False  # what was written meanwhile is gone
    await visitor.page.clock.run_for(PAUSE_BEFORE_RETRY)
    await visitor.sees_nothing_unsent()
    await expect(visitor.by("bot")).to_have_count(2)


def twice(send: Callable[[str | bytes], None], frame: str | bytes) -> None:
    send(frame)
    send(frame)


def double(route: WebSocketRoute) -> None:
    server = route.connect_to_server()
    route.on_message(partial(twice, server.send))
    server.on_message(partial(twice, route.send))


async def test_doubled_frames_in_both_directions_change_nothing(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    await visitor.page.route_web_socket("**/chat/socket", double)
    await visitor.page.reload()
    await visitor.say("在吗")
    await expect(visitor.messages).to_have_count(2)
    await visitor.choice("配送").click()
    await visitor.sees("江浙沪")
    await visitor.sees_nothing_unsent()
    await expect(visitor.messages).to_have_count(4)


async def test_after_a_loss_the_page_asks_only_for_what_it_has_not_seen(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "您好")
    script.message(4, "请讲")
    await visitor.sees("请讲")
    await script.hang_up(1012)
    assert (await script.heard("hello"))["after"] == 4


async def test_words_lost_on_the_way_are_said_again_with_their_id(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.say("配送")
    said = await script.heard("said")
    await script.hang_up(1011)
    await script.heard("hello")
    assert await script.heard("said") == said
    script.echo(1, said)
    script.echo(1, said)
    await visitor.sees_nothing_unsent()
    await visitor.sees("配送")


async def test_an_ended_session_starts_a_new_one_and_says_so(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "旧的回答")
    await visitor.sees("旧的回答")
    first = visitor.conversation
    await script.hang_up(4401)
    hello = await script.heard("hello")
    assert hello["after"] == 0
    assert visitor.conversation != first
    await visitor.sees("旧的回答", times=0)
    await expect(visitor.page.locator("#note")).to_contain_text("新的一段")


async def test_unsent_words_go_along_into_the_new_session(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.say("配送")
    said = await script.heard("said")
    await script.hang_up(4401)
    await script.heard("hello")
    assert await script.heard("said") == said


async def test_a_foreign_page_is_told_politely_and_left_alone(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await script.hang_up(4403)
    await expect(visitor.notice).to_contain_text("从店铺自己的页面进来")
    await expect(visitor.composer).to_be_disabled()


async def test_too_fast_waits_and_goes_on_by_itself(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted("/?lang=en")
    await visitor.page.clock.install()
    await script.hang_up(4429)
    await visitor.page.clock.run_for(2_000)
    await expect(visitor.notice).to_contain_text("One moment")
    await visitor.page.clock.run_for(PAUSE_BEFORE_RETRY)
    await script.heard("hello")
    await expect(visitor.notice).to_be_hidden()


async def test_a_refused_message_can_be_sent_again(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.say("配送")
    said = await script.heard("said")
    script.tell("error", error="too_many", detail="too many messages", id=said["id"])
    await expect(visitor.page.locator("#note")).to_contain_text("有点快")
    await visitor.page.get_by_role("button", name="再发一次").click()
    again = await script.heard("said")
    assert again == said
    script.echo(1, again)
    await visitor.sees_nothing_unsent()
    await expect(visitor.page.locator(".message.failed")).to_have_count(0)


async def test_a_message_that_has_to_wait_is_sent_again_by_itself(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    await visitor.page.clock.install()
    await visitor.say("配送")
    said = await script.heard("said")
    script.tell("error", error="too_many", detail="too many messages", id=said["id"], retry_after=30)
    await expect(visitor.page.locator("#note")).to_contain_text("自动接着发")
    await visitor.page.clock.run_for(31_000)
    assert await script.heard("said") == said

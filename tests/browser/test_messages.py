"""How messages look on the page: markup, links, edits, days; and that none of them can run."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenScripted, OpenVisitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'

# text of an answer -> the HTML inside its bubble
MARKUP = [
    ("您好", "<p>您好</p>"),
    ("第一行\n第二行", "<p>第一行\n第二行</p>"),
    ("第一段\n\n\n第二段\n", "<p>第一段</p><p>第二段</p>"),
    ("**次日到**，包邮", "<p><strong>次日到</strong>，包邮</p>"),
    ("a ** b", "<p>a ** b</p>"),  # nothing to close it
    ("5*3 and 2**3", "<p>5*3 and 2**3</p>"),
    (
        "可选：\n- 绿茶\n- **红茶**\n就这些",
        "<p>可选：</p><ul><li>绿茶</li><li><strong>红茶</strong></li></ul><p>就这些</p>",
    ),
    ("- only", "<ul><li>only</li></ul>"),
    ("-5°C", "<p>-5°C</p>"),  # a number, no list
    ("[rates](https://example.com/a)", f'<p><a href="https://example.com/a" {LINK}>rates</a></p>'),
    ("[article](/help/shipping)", f'<p><a href="/help/shipping" {LINK}>article</a></p>'),
    ("**[bold](https://example.com)**", f'<p><strong><a href="https://example.com" {LINK}>bold</a></strong></p>'),
    # a bare address ends where the sentence goes on
    ("看https://example.com/茶", f'<p>看<a href="https://example.com/" {LINK}>https://example.com/</a>茶</p>'),
    ("(see http://example.com/b).", f'<p>(see <a href="http://example.com/b" {LINK}>http://example.com/b</a>).</p>'),
    ("https://e.com/x_(y)!", f'<p><a href="https://e.com/x_(y)" {LINK}>https://e.com/x_(y)</a>!</p>'),
    # only http and https become links
    ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>"),
    ("[x](//example.com)", "<p>[x](//example.com)</p>"),
    ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
    # HTML is text
    ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
    ("[<b>x</b>](https://e.com)", f'<p><a href="https://e.com" {LINK}>&lt;b&gt;x&lt;/b&gt;</a></p>'),
    ('[x](https://e.com/"y)', f'<p><a href="https://e.com/&quot;y" {LINK}>x</a></p>'),
]


async def test_answers_are_built_from_their_small_markup(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    for seq, (text, _) in enumerate(MARKUP, start=1):
        script.message(seq, text)
    await expect(visitor.messages).to_have_count(len(MARKUP))
    shown = await visitor.page.locator(".message .text").evaluate_all("texts => texts.map(text => text.innerHTML)")
    assert shown == [html for _, html in MARKUP]


async def test_a_customers_own_words_stay_as_typed_but_for_addresses(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    typed = "**x** [y](https://e.com)\n- z https://e.com/q"
    script.message(1, typed, author="customer", message_id="1")
    await expect(visitor.page.locator(".message .text")).to_have_text(typed)
    await expect(visitor.page.locator(".message a")).to_have_count(2)
    await expect(visitor.page.locator(".message :is(strong, ul)")).to_have_count(0)


HOSTILE = "<img src=x onerror=\"document.title='run'\"><svg onload=\"document.title='run'\">"


async def test_nothing_that_is_stored_runs(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, HOSTILE, author="agent", name=HOSTILE, buttons=[{"id": "1", "label": HOSTILE}])
    script.message(2, HOSTILE, author="customer", message_id=HOSTILE)
    script.message(3, "", attachments=[{"id": "1", "name": HOSTILE, "url": "javascript:document.title='run'"}])
    script.tell("state", state="taken", since=None, **{"with": HOSTILE})
    await expect(visitor.messages).to_have_count(3)
    await expect(visitor.header).to_contain_text("<img")
    await expect(visitor.page.locator("#chat img, #chat svg")).to_have_count(0)
    await expect(visitor.page.locator(".message a")).to_have_count(0)
    await expect(visitor.page).to_have_title("云栖茶铺（演示）")


async def test_hostile_markup_costs_no_time(open_scripted: OpenScripted) -> None:
    visitor, _ = await open_scripted()
    script = """async text => { const { rich } = await import("/static/markup.js");
                               const start = performance.now(); rich(text); return performance.now() - start; }"""
    for text in ("*" * 10_000, "[" * 10_000, "**a" * 3_000, "[a](" * 2_500, "https://" * 1_250):
        assert await visitor.page.evaluate(script, text) < 500, text[:9]  # milliseconds; linear work takes some 20


async def test_an_edit_changes_the_message_in_its_place(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "周一到", author="agent", name="小李")
    script.message(2, "谢谢", author="customer", message_id="a")
    script.message(3, "周二到", author="agent", name="小李", replaces="m1")
    await visitor.sees("周二到")
    assert await visitor.texts() == ["周二到", "谢谢"]
    await expect(visitor.messages.first).to_contain_text("已修改")
    script.message(4, "周三到", author="agent", name="小李", replaces="m3")  # an edit of the edit
    await visitor.sees("周三到")
    await expect(visitor.messages).to_have_count(2)


async def test_a_message_taken_back_leaves_a_word_in_its_place(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "发错了", author="agent", name="小李", buttons=[{"id": "1", "label": "好"}])
    script.message(2, "", author="agent", name="小李", replaces="m1")
    await visitor.sees("这条消息已撤回")
    await visitor.sees("发错了", times=0)
    await expect(visitor.choice("好")).to_have_count(0)


async def test_an_edit_of_something_never_shown_is_shown_unless_taken_back(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(7, "", replaces="m1")
    script.message(8, "新的", replaces="m2")
    await visitor.sees("新的")
    await expect(visitor.messages).to_have_count(1)


async def test_only_the_latest_choices_are_open(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "哪一种？", buttons=[{"id": "a", "label": "绿茶"}])
    script.message(2, "还是这些？", buttons=[{"id": "b", "label": "红茶"}])
    await expect(visitor.choice("绿茶")).to_have_attribute("aria-disabled", "true")
    await expect(visitor.choice("红茶")).to_have_attribute("aria-disabled", "false")
    await visitor.choice("红茶").click()
    pressed = await script.heard("pressed")
    assert (pressed["button"], len(pressed["id"])) == ("b", 32)


async def test_messages_stand_under_the_day_they_were_said(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted(locale="en-GB", timezone_id="Europe/London")
    await visitor.page.clock.set_fixed_time("2026-03-05T12:00:00Z")
    for seq, at in enumerate(["2025-12-31T10:00", "2026-03-03T10:00", "2026-03-04T23:59", "2026-03-05T00:01"], start=1):
        script.message(seq, f"number {seq}", at=f"{at}:00Z")
    await expect(visitor.messages).to_have_count(4)
    days = visitor.page.locator(".day")
    await expect(days).to_have_text(["Wednesday, 31 December 2025", "Tuesday 3 March", "Yesterday", "Today"])
    await expect(visitor.messages.last.locator("time")).to_have_text("0:01")


async def test_a_reader_of_earlier_messages_is_not_pulled_away(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    for seq in range(1, 31):
        script.message(seq, f"第{seq}条")
    await visitor.sees("第30条")
    await visitor.page.locator("#scroller").evaluate("scroller => scroller.scrollTo(0, 0)")
    script.message(31, "新的一条")
    await expect(visitor.page.locator("#latest")).to_be_visible()
    assert await visitor.page.locator("#scroller").evaluate("scroller => scroller.scrollTop") == 0
    await visitor.page.locator("#latest").click()
    await expect(visitor.messages.last).to_be_in_viewport()
    await expect(visitor.page.locator("#latest")).to_be_hidden()


async def test_a_long_answer_is_shown_from_its_beginning(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    script.message(1, "都有什么茶", author="customer", message_id="a")
    script.message(2, "\n".join(f"第{number}行" for number in range(80)))
    await visitor.sees("第79行")
    await expect(visitor.messages.last.locator(".author")).to_be_in_viewport()


async def test_attachments_are_links(open_scripted: OpenScripted) -> None:
    visitor, script = await open_scripted()
    file: dict[str, Any] = {"id": "1", "name": "价目表.pdf", "media_type": "application/pdf", "url": "/files/1"}
    script.message(1, "请看", attachments=[file])
    await expect(visitor.page.get_by_role("link", name="价目表.pdf")).to_have_attribute("href", "/files/1")


async def test_the_page_keeps_to_its_content_security_policy(open_visitor: OpenVisitor) -> None:
    visitor = await open_visitor()
    complaints: list[str] = []
    visitor.page.on("console", lambda message: complaints.append(message.text))
    await visitor.page.reload()
    await visitor.say("在吗")
    await visitor.choice("配送").click()
    await visitor.sees("江浙沪")
    assert complaints == []

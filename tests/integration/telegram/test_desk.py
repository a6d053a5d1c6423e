"""The agents' group: a topic a case, the customer's words in, the assignee's words out, notes, ten seconds to undo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import Database
from customers import privacy
from scheduler.jobs import Shop, keep_promises
from staff import desks, linking
from staff import service as staff_service
from staff.service import AgentChange
from staff.values import Role
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_desk import ANNA, GROUP, TelegramFloor, telegram_floor
from tickets.models import TicketEvent
from tickets.values import EventType

NOTHING_KNOWN = HandMadeKnowledge((), {})


@pytest.fixture
async def floor(database: Database, tmp_path: Path) -> AsyncIterator[TelegramFloor]:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        yield floor


@pytest.fixture
async def case(floor: TelegramFloor) -> TelegramFloor:
    """Anna asks for a person."""
    await floor.customer_says("人工")
    return floor


async def notes(floor: TelegramFloor) -> list[str | None]:
    async with floor.database.read() as session:
        query = select(TicketEvent.text).where(TicketEvent.type == EventType.NOTED).order_by(TicketEvent.id)
        return list(await session.scalars(query))


async def test_a_case_is_a_topic_with_a_card_and_the_words_that_led_to_it(case: TelegramFloor) -> None:
    topic = await case.shown_topic()
    assert "#1001" in topic.name
    card, talk = await case.screen()
    assert "没人接" in card["text"]
    assert "Anna：人工" in talk["text"]
    assert all(one.params.get("disable_notification") for one in case.server.log.messages(GROUP))


@pytest.mark.db
async def test_the_assignee_s_words_go_out_after_ten_seconds_and_the_customer_s_come_in(case: TelegramFloor) -> None:
    assert await case.presses("li", "我来接") == "#1001 归您了。"
    said = await case.types("li", "您好，马上给您查")
    assert case.mark(said) == "✍"
    assert not any("马上给您查" in text for text in case.heard())
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n您好，马上给您查"
    assert case.mark(said) == "👌"
    await case.customer_says("谢谢")
    last = (await case.screen())[-1]
    assert last["text"] == "@小李\nAnna：谢谢"
    assert last["entities"][0]["url"] == "tg://user?id=501"


async def test_everybody_else_s_words_are_notes_that_can_be_sent_after_all(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("chen", "又是她，烦死了")
    await case.later()
    assert await notes(case) == ["又是她，烦死了"]
    assert not any("烦死了" in text for text in case.heard())
    refused = await case.presses("chen", "发给顾客")
    assert "同事" in refused
    await case.presses("li", "发给顾客")
    assert case.mark(said) == "✍"
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n又是她，烦死了"


async def test_a_first_mark_keeps_words_among_staff(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    for mark in (".", "。", "．", "//"):
        await case.types("li", f"{mark} 老客户")
    await case.later()
    assert await notes(case) == ["老客户"] * 4
    assert not any("老客户" in text for text in case.heard())


async def test_what_is_undone_is_never_sent_and_edits_reach_the_customer(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    typo = await case.types("li", "您号")
    await case.types("li", "/unsend", reply_to=typo.message_id)
    assert case.mark(typo) == ""
    price = await case.types("li", "38 元")
    case.people["li"].edits(price.message_id, "37 元")
    await case.settled()
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n37 元"
    case.people["li"].edits(price.message_id, "36 元")
    await case.settled()
    assert case.heard()[-1] == "小李（人工）：\n36 元"
    assert case.mark(price) == "👌"
    await case.types("li", "/unsend", reply_to=price.message_id)
    assert not any("元" in text or "您号" in text for text in case.heard())


async def test_a_thumb_down_below_one_s_own_words_takes_them_back_in_time(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("li", "您号")
    for who, emoji in (("chen", "👎"), ("li", "❤")):
        case.people[who].reacts(said.message_id, emoji)
        await case.settled()
        assert case.mark(said) == "✍"
    case.people["li"].reacts(said.message_id, "👎")
    await case.settled()
    await case.later()
    assert case.mark(said) == ""
    assert not any("您号" in text for text in case.heard())


async def test_words_that_turn_into_a_note_in_time_stay_among_staff(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("li", "又来了")
    case.people["li"].edits(said.message_id, "。又来了")
    await case.settled()
    await case.later()
    assert await notes(case) == ["又来了"]
    assert not any("又来了" in text for text in case.heard())


async def test_quotes_go_both_ways(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    asked = await case.customer_says("哪一种？")
    question = (await case.screen())[-1]
    said = await case.types("li", "绿的", reply_to=question["message_id"])
    await case.later()
    answer = case.server.screen(ANNA)[-1]
    assert answer["reply_to_message"]["message_id"] == asked.message_id
    case.anna.says("不要绿的", reply_to=answer["message_id"])
    await case.settled()
    assert (await case.screen())[-1]["reply_to_message"]["message_id"] == said.message_id


async def test_pictures_albums_and_voice_go_both_ways(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    thread = (await case.shown_topic()).thread_id
    case.anna.sends_album([b"one", b"two"], "碎了")
    case.clock.advance(2)
    await case.settled()
    album = (await case.screen())[-2:]
    assert [sorted({"photo", "media_group_id"} & one.keys()) for one in album] == [["media_group_id", "photo"]] * 2
    assert album[0]["caption"] == "@小李\nAnna：［图片, 图片］ 碎了"
    case.anna.sends_file("voice")
    await case.settled()
    assert "voice" in (await case.screen())[-1]
    case.people["li"].sends_album([b"three", b"four"], "像这样？", thread=thread)
    case.people["li"].sends_file("voice", thread=thread)
    case.clock.advance(2)
    await case.settled()
    await case.later()
    shown = case.server.screen(ANNA)[-3:]
    assert [next(kind for kind in ("photo", "voice") if kind in one) for one in shown] == ["photo", "photo", "voice"]
    assert shown[0]["caption"] == "小李（人工）：\n像这样？"


async def test_a_burst_is_one_post_and_nobody_is_mentioned_while_nobody_has_it(case: TelegramFloor) -> None:
    before = len(case.server.log.to(GROUP, "sendMessage"))
    for text in ("我到门口了", "穿蓝衣服", "手里拿着伞"):
        case.anna.says(text)
    await case.settled()
    new = [one.text for one in case.server.log.to(GROUP, "sendMessage")][before:]
    assert "\n".join(new).count("我到门口了") == 1
    assert not any("@" in text for text in new)
    assert all(words in "\n".join(new) for words in ("我到门口了", "穿蓝衣服", "手里拿着伞"))


async def test_the_title_changes_with_the_state_and_names_an_hour(case: TelegramFloor) -> None:
    assert (await case.shown_topic()).name.endswith("#1001 没人接 · 咨询")
    await case.types("li", "/take")
    assert (await case.shown_topic()).name == "⚪11:00 #1001 小李 · 咨询"
    edits = len(case.server.log.to(GROUP, "editForumTopic"))
    await case.customer_says("在吗")
    assert len(case.server.log.to(GROUP, "editForumTopic")) == edits
    await case.types("li", "/pending")
    assert (await case.shown_topic()).name.startswith("⏸")


async def test_a_topic_ends_with_its_case_and_comes_back_with_it(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    await case.types("li", "/resolve")
    topic = await case.shown_topic()
    assert topic.is_closed
    assert topic.name.startswith("✅")
    assert (await case.words())[-1] == "标为已解决。"
    await case.customer_says("人工")
    assert "#1002" in (await case.shown_topic(1002)).name


async def test_a_topic_that_was_deleted_by_hand_is_made_anew_and_no_word_is_lost(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    old = await case.shown_topic()
    case.people["sue"].deletes_topic(old.thread_id)
    await case.customer_says("还在吗")
    new = await case.shown_topic()
    assert new.thread_id != old.thread_id
    words = await case.words()
    assert any("还在吗" in text for text in words)
    assert any(text.startswith("原来的话题没有了") for text in words)
    await case.types("li", "在的")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n在的"


async def test_a_topic_that_a_notice_opens_anew_has_the_title_of_its_case(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    case.anna.chat.barrier = "Forbidden: bot was blocked by the user"
    await case.types("li", "在吗？")
    old = await case.shown_topic()
    case.people["sue"].deletes_topic(old.thread_id)
    await case.later()
    new = await case.shown_topic()
    assert new.thread_id != old.thread_id
    assert "#1001" in new.name


async def test_whoever_is_not_staff_cannot_act(case: TelegramFloor) -> None:
    thread = (await case.shown_topic()).thread_id
    stranger = case.server.member(GROUP, 900, "Visitor")
    said = stranger.says("我来回答", thread=thread)
    again = stranger.says("/take", thread=thread)
    query = stranger.presses("我来接")
    await case.later()
    assert (case.mark(said), case.mark(again)) == ("🤷", "🤷")
    hints = [text for text in await case.words() if text.startswith("只有同事")]
    assert len(hints) == 1
    assert "kefu staff link" in str(case.server.world.presses[query].answers)
    assert await notes(case) == []
    assert not any("我来回答" in text for text in case.heard())


async def test_an_anonymous_administrator_is_told_which_switch(case: TelegramFloor) -> None:
    thread = (await case.shown_topic()).thread_id
    ghost = case.server.member(GROUP, 501, "小李", "administrator", anonymous=True)
    ghost.says("/take", thread=thread)
    await case.settled()
    assert any("保持匿名" in text for text in await case.words())
    assert "没人接" in (await case.shown_topic()).name


async def test_a_disabled_agent_is_nobody_at_once(case: TelegramFloor) -> None:
    async with case.database.write() as session:
        await staff_service.disable(session, "li", by="test", now=case.clock.now())
    said = await case.types("li", "我还在")
    assert case.mark(said) == "🤷"
    assert await notes(case) == []


async def test_what_does_not_arrive_is_marked_with_the_reason(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    case.anna.chat.barrier = "Forbidden: bot was blocked by the user"
    said = await case.types("li", "在吗？")
    await case.later()
    assert case.mark(said) == "👎"
    assert (await case.words())[-1] == "没有送到：顾客停用了机器人"


async def test_a_guarantee_is_asked_about_once(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("li", "保证明天到")
    await case.later()
    assert not any("保证" in text for text in case.heard())
    await case.presses("li", "仍然发送")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n保证明天到"
    assert case.mark(said) == "👌"


async def test_a_note_that_guarantees_something_is_asked_about_before_it_is_sent(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    await case.types("chen", "保证明天到")
    await case.presses("li", "发给顾客")
    await case.later()
    assert not any("保证" in text for text in case.heard())
    await case.presses("li", "仍然发送")
    await case.later()
    assert case.heard()[-1] == "小李（人工）：\n保证明天到"


async def test_words_that_lose_the_case_meanwhile_are_refused_and_that_is_shown(case: TelegramFloor) -> None:
    await case.types("li", "/take")
    said = await case.types("li", "马上")
    await case.types("sue", "/assign chen")
    await case.later()
    assert case.mark(said) == "👎"
    assert not any("马上" in text for text in case.heard())


async def test_a_plain_group_has_threads_of_answers_in_place_of_topics(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path, is_forum=False) as floor:
        await floor.customer_says("人工")
        topic = await floor.topic()
        assert topic is not None
        assert topic.thread is None
        assert any("Anna：人工" in text for text in await floor.words())
        await floor.presses("li", "我来接")
        await floor.types("li", "您好")
        await floor.later()
        assert floor.heard()[-1] == "小李（人工）：\n您好"
        aside = floor.people["li"].says("中午吃什么")
        await floor.later()
        assert floor.mark(aside) == ""
        assert len(floor.heard()) == 3


async def test_each_reads_their_own_language_and_what_is_shared_is_in_the_shop_s(case: TelegramFloor) -> None:
    async with case.database.write() as session:
        change = AgentChange(language="en")
        await staff_service.change_agent(session, "chen", change, by="test", now=case.clock.now())
    await case.types("li", "/take")
    await case.types("chen", "/take")
    assert (await case.words())[-1].startswith("A colleague has it.")
    await case.types("li", "/escalate 看看")
    assert (await case.words())[-1] == "小李 请主管看一下。看看"


async def test_the_topic_of_somebody_who_is_erased_goes_too(case: TelegramFloor, tmp_path: Path) -> None:
    thread = (await case.shown_topic()).thread_id
    await privacy.erase(privacy.Erasing(case.database, tmp_path), 1, by="test", now=case.clock.now())
    await case.settled()
    assert thread not in case.server.world.chats[GROUP].topics
    assert not any("Anna" in str(one) for one in case.server.screen(GROUP))
    case.clock.advance(61)
    await case.settled()
    assert not case.server.world.chats[GROUP].topics


async def test_a_code_claims_a_group_and_each_joins_with_a_code(database: Database, tmp_path: Path) -> None:
    """From an empty group to a case that is answered, as the owner and an agent do it."""
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        second = GROUP - 1
        floor.server.group(second, "Second", is_forum=True)
        boss = floor.server.member(second, 700, "Boss")
        boss.says("/desk nonsense")
        await floor.settled()
        assert "没有用了" in floor.server.log.texts(second)[-1]
        async with database.write() as session:
            made = await desks.make_code(session, by="test", now=floor.clock.now())
        boss.says(f"/desk {made.code}")
        await floor.settled()
        assert any("客服台" in text for text in floor.server.log.texts(second))
        async with database.write() as session:
            await staff_service.add_agent(session, "wu", Role.AGENT, by="test", now=floor.clock.now(), alias="小吴")
            link = await linking.start(session, "wu", by="test", now=floor.clock.now())
        wu = floor.server.customer(702, "Wu", "zh")
        wu.says(f"/start {link.code}")
        wu.says(f"/start {link.code}")
        await floor.settled()
        await floor.customer_says("人工")
        wu.says("/next")
        wu.says("/my")
        await floor.settled()
        said = floor.server.log.texts(702)
        assert said[0].startswith("连接好了，小吴")
        assert "没有用了" in said[1]
        assert said[2].startswith("下一件：#1001")
        assert "#1001" in said[3]


async def test_what_is_missing_is_said_with_its_switch_and_only_once(case: TelegramFloor) -> None:
    case.people["sue"].promotes_bot("can_pin_messages")
    await case.settled()
    for _ in range(2):
        case.clock.advance(minutes=11)
        await case.settled()
    lacks = [one.text for one in case.general() if one.text.startswith("还差一点")]
    assert len(lacks) == 1
    assert "管理话题" in lacks[0]


async def test_what_falls_due_is_said_in_the_assignee_s_own_chat_too(case: TelegramFloor) -> None:
    case.server.customer(501, "Li", "zh")
    case.server.customer(503, "Sue", "zh")
    await case.types("li", "/take")
    await case.types("li", "/escalate 看看")
    assert "小李 请主管看一下" in case.server.log.texts(503)[-1]
    case.clock.advance(minutes=55)
    await keep_promises(Shop(case.database, case.clock, POLICIES))
    await case.settled()
    assert any("快到时限了" in text for text in case.server.log.texts(501))

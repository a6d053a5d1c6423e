"""A day at the desk: words that can be undone, notes, absences, promises that passed, senders who are blocked."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from conversations.desk import canned, cards, drafts, holding, leaving, speaking, undoing, writing
from conversations.desk.canned import CannedText
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.held_replies import HeldReplies
from conversations.models import Message
from conversations.values import Author, Owner
from core.errors import InvalidInput
from core.shop_facts import Localised, ShopFacts
from customers import blocking
from customers.models import Customer
from customers.task_models import Task
from scheduler.jobs import give_tickets, tend_conversations
from staff import availability
from staff import service as staff_service
from staff.models import Agent
from staff.values import Actor, Availability, Role
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.desk_work import a_case, events, jobs, the_case, the_talk
from tests.support.doors import DirectDoor, Words
from tests.support.policies import POLICIES
from tickets import queue
from tickets.models import Ticket
from tickets.queue import Queued
from tickets.values import EventType, NotYours, TicketStatus

pytestmark = pytest.mark.db


async def taken(shop: Shop, agent: Actor) -> tuple[DirectDoor, Ticket]:
    door, ticket = await a_case(shop)
    async with shop.work(agent) as work:
        await holding.take(work, agent, ticket.number)
    await door.hear()
    return door, ticket


async def soon(shop: Shop, agent: Actor, number: int, text: str, *, sure: bool = False) -> HeldReply:
    async with shop.work(agent) as work:
        return await undoing.reply_soon(work, agent, number, text, sure=sure)


async def release(shop: Shop) -> None:
    """What the loop does in one round."""
    await HeldReplies(shop.database, shop.clock, POLICIES)._round()


async def said_by_people(shop: Shop) -> list[str]:
    async with shop.database.read() as session:
        query = select(Message.text).where(Message.author == Author.AGENT).order_by(Message.seq)
        return list(await session.scalars(query))


async def held(shop: Shop, held_id: int) -> HeldReply:
    async with shop.database.read() as session:
        return await session.get_one(HeldReply, held_id)


async def test_for_ten_seconds_a_reply_can_be_undone_or_mended(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, ticket = await taken(shop, li)
    wrong = await soon(shop, li, ticket.number, "又是她，烦死了")
    typo = await soon(shop, li, ticket.number, "您号")
    async with shop.work(li) as work:
        await undoing.undo(work, li, wrong.id)
        await undoing.change(work, li, typo.id, "您好")
    shop.clock.advance(9)
    await release(shop)
    assert await said_by_people(shop) == []
    shop.clock.advance(1)
    await release(shop)
    assert await said_by_people(shop) == ["您好"]
    for done in (wrong, typo):
        with pytest.raises(undoing.TooLate):
            async with shop.work(li) as work:
                await undoing.undo(work, li, done.id)


async def test_replies_go_out_in_order_and_once(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, ticket = await taken(shop, li)
    first = await soon(shop, li, ticket.number, "第一句")
    await soon(shop, li, ticket.number, "第二句")
    shop.clock.advance(8)
    async with shop.work(li) as work:
        await undoing.change(work, li, first.id, "第一句话")
    shop.clock.advance(4)
    await release(shop)
    assert await said_by_people(shop) == []
    shop.clock.advance(10)
    for _ in range(3):
        await release(shop)
    assert await said_by_people(shop) == ["第一句话", "第二句"]


async def test_who_lost_the_case_meanwhile_is_told_why_nothing_was_sent(shop: Shop) -> None:
    li = await shop.hire("Li")
    await shop.hire("Mary")
    _door, ticket = await taken(shop, li)
    late = await soon(shop, li, ticket.number, "我来查")
    async with shop.work(li) as work:
        await holding.hand_over(work, li, ticket.number, await staff_service.get_agent(work.session, "Mary"))
    shop.clock.advance(10)
    await release(shop)
    assert await said_by_people(shop) == []
    assert ((await held(shop, late.id)).state, (await held(shop, late.id)).because) == (HeldState.REFUSED, "not_taken")
    assert [event.text for event in await events(shop, EventType.NOT_SENT)] == ["我来查"]


async def test_only_the_one_who_has_the_case_speaks_and_others_words_are_notes(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    _door, ticket = await taken(shop, li)
    async with shop.work(mary) as work:
        noted = await writing.write(work, mary, ticket.number, "又是她，烦死了")
    for mark in (".", "。", "．", "//"):
        async with shop.work(li) as work:
            await writing.write(work, li, ticket.number, f"{mark} 记一下")
    async with shop.work(li) as work:
        reply = await writing.write(work, li, ticket.number, "您好")
    assert isinstance(reply, HeldReply)
    assert [event.text for event in await events(shop, EventType.NOTED)] == ["又是她，烦死了", *["记一下"] * 4]
    with pytest.raises(NotYours):
        async with shop.work(mary) as work:
            await writing.send_note(work, mary, ticket.number, noted.id)
    async with shop.work(li) as work:
        await writing.send_note(work, li, ticket.number, noted.id)
    shop.clock.advance(10)
    for _ in range(2):
        await release(shop)
    assert await said_by_people(shop) == ["您好", "又是她，烦死了"]


async def test_a_guarantee_is_asked_about_once(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, ticket = await taken(shop, li)
    with pytest.raises(undoing.AreYouSure):
        await soon(shop, li, ticket.number, "保证明天到")
    assert (await soon(shop, li, ticket.number, "保证明天到", sure=True)).state is HeldState.HELD


async def set_capacity(shop: Shop, name: str, capacity: int) -> None:
    async with shop.database.write() as session:
        await session.execute(update(Agent).where(Agent.name == name).values(capacity=capacity))


async def test_a_case_is_given_to_who_has_room_and_taken_back_when_nobody_reacts(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    door, ticket = await a_case(shop)
    assert await give_tickets(jobs(shop)) == 0
    await set_capacity(shop, "Li", 5)
    assert await give_tickets(jobs(shop)) == 1
    assert (await the_case(shop, door)).assignee_id == li.id
    assert (await the_talk(shop, door)).owner is Owner.WAITING
    shop.clock.advance(minutes=14)
    assert await give_tickets(jobs(shop)) == 0
    await set_capacity(shop, "Mary", 5)
    shop.clock.advance(minutes=1)
    assert await give_tickets(jobs(shop)) == 2
    assert (await the_case(shop, door)).assignee_id == mary.id
    async with shop.work(mary) as work:
        await speaking.reply(work, mary, ticket.number, "您好")
    shop.clock.advance(hours=1)
    assert await give_tickets(jobs(shop)) == 0


async def test_who_is_away_gets_nothing_and_loses_what_falls_due(shop: Shop) -> None:
    li = await shop.hire("Li")
    await set_capacity(shop, "Li", 5)
    door, _ticket = await taken(shop, li)
    noon = shop.clock.now() + timedelta(hours=2)
    async with shop.database.write() as session:
        await availability.set_state(session, "Li", Availability.AWAY, noon, by="Li", now=shop.clock.now())
    await door.say([Words("w", "还在等")])
    assert await give_tickets(jobs(shop)) == 0
    shop.clock.advance(minutes=50)
    assert await give_tickets(jobs(shop)) == 1
    assert await tend_conversations(jobs(shop)) == 1
    talk = await the_talk(shop, door)
    assert ((await the_case(shop, door)).assignee_id, talk.owner) == (None, Owner.WAITING)
    shop.clock.advance(minutes=70)
    assert await give_tickets(jobs(shop)) == 1


async def test_who_leaves_passes_the_cases_on(shop: Shop) -> None:
    li, mary, root = await shop.hire("Li"), await shop.hire("Mary"), await shop.hire("root", Role.ADMIN)
    door, _ticket = await taken(shop, li)
    async with shop.work(root) as work:
        assert await leaving.disable(work, "Li", "Mary") == 1
    assert (await the_case(shop, door)).assignee_id == mary.id
    async with shop.work(root) as work:
        assert await leaving.disable(work, "Mary") == 1
    assert (await the_talk(shop, door)).owner is Owner.WAITING
    [note] = await events(shop, EventType.UNASSIGNED)
    assert note.data == {"from": "Mary", "because": "disabled"}


async def test_a_time_that_passed_is_owned_up_to_and_the_bot_is_back(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "11点前给您答复")
    await door.hear()
    shop.clock.advance(hours=1)
    assert await tend_conversations(jobs(shop)) == 1
    [late] = await door.hear()
    assert "今天（周一）上午11点前回您" in late.text
    assert "今天（周一）中午12点前" in late.text
    assert [button.label for button in late.buttons] == ["今天（周一）中午12点", "明天（周二）上午9点", "不用了"]
    assert (await the_talk(shop, door)).owner is Owner.WAITING
    await door.press("p", late.buttons[0].id)
    assert "今天（周一）中午12点左右" in (await door.hear())[-1].text
    async with shop.database.read() as session:
        [task] = await session.scalars(select(Task))
    assert (task.kind.value, task.due_at, task.data) == (
        "call", shop.clock.now() + timedelta(hours=1), {"ticket": ticket.number},
    )  # fmt: skip
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "查到了")
    assert (await the_talk(shop, door)).owner is Owner.TAKEN


async def test_that_we_are_late_is_said_twice_and_not_for_ever(shop: Shop) -> None:
    await shop.hire("Li")
    door, _ticket = await a_case(shop)
    await door.hear()
    told = []
    for _ in range(10):
        shop.clock.advance(hours=3)
        await tend_conversations(jobs(shop))
        told += await door.hear()
    assert len(told) == 2
    assert len(await events(shop, EventType.WORD_PASSED)) == 3


async def test_words_that_nobody_answered_come_up_within_the_hour(shop: Shop) -> None:
    await shop.hire("Li")
    door = shop.door()
    await door.say([Words("a", "在吗")])
    async with shop.database.write() as session:
        await session.execute(update(Message).where(Message.author == Author.BOT).values(author=Author.CUSTOMER))
    shop.clock.advance(minutes=29)
    assert await tend_conversations(jobs(shop)) == 0
    shop.clock.advance(minutes=2)
    assert (await tend_conversations(jobs(shop)), await tend_conversations(jobs(shop))) == (1, 0)
    ticket = await the_case(shop, door)
    assert (ticket.status, (await the_talk(shop, door)).owner) == (TicketStatus.NEW, Owner.WAITING)


async def test_a_blocked_sender_is_told_once_and_kept(shop: Shop) -> None:
    await shop.hire("Li")
    door = shop.door()
    await door.say([Words("a", "在吗")])
    talk = await the_talk(shop, door)
    until = shop.clock.now() + timedelta(days=1)
    async with shop.database.write() as session:
        await blocking.block(session, talk.customer_id, "辱骂", until, by="Li", now=shop.clock.now())
    await door.hear()
    for number, words in enumerate(("怎么退货", "人工", "退订")):
        await door.say([Words(f"b{number}", words)])
    [told] = await door.hear()
    assert "明天（周二）上午10点以前" in told.text
    async with shop.database.read() as session:
        kept = select(Message.text).where(Message.author == Author.CUSTOMER).order_by(Message.seq)
        assert list(await session.scalars(kept)) == ["在吗", "怎么退货", "人工", "退订"]
    shop.clock.advance(hours=2)
    assert await tend_conversations(jobs(shop)) == 0
    async with shop.database.write() as session:
        await blocking.unblock(session, talk.customer_id, by="Li", now=shop.clock.now())
    await door.say([Words("c", "怎么退货")])
    assert "七天内可以退。" in (await door.hear())[0].text


async def test_a_case_that_ends_elsewhere_gives_the_talk_back(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, _ticket = await taken(shop, li)
    async with shop.database.write() as session:
        await session.execute(update(Ticket).values(status=TicketStatus.CLOSED))
    assert (await tend_conversations(jobs(shop)), await tend_conversations(jobs(shop))) == (1, 0)
    assert (await the_talk(shop, door)).owner is Owner.BOT


async def test_the_queue_has_its_views(shop: Shop) -> None:
    li = await shop.hire("Li")
    numbers = []
    for name in ("one", "two", "three"):
        door = shop.door(name)
        await door.say([Words("m", "人工")])
        numbers.append((await the_case(shop, door)).number)
    first, second, third = numbers
    async with shop.database.write() as session:
        await session.execute(update(Customer).values(name="李太太", phone="+8613800008812"))
        await session.execute(update(Ticket).where(Ticket.id == third - 1000).values(priority=1))
    async with shop.work(li) as work:
        case = await holding.take_next(work, li)
    assert case is not None
    assert case.ticket.number == third
    async with shop.work(li) as work:
        await holding.take(work, li, second)
    now = shop.clock.now()
    async with shop.database.read() as session:
        assert _numbers(await queue.list_mine(session, li.id, now)) == [third, second]
        assert _numbers(await queue.list_unassigned(session, now)) == [first]
        assert await queue.list_due(session, now) == []
        assert _numbers(await queue.list_due(session, now + timedelta(minutes=50))) == numbers
        assert _numbers(await queue.find(session, f"#{second}")) == [second]
        assert len(await queue.find(session, "8812")) == len(await queue.find(session, "李太太")) == 3


def _numbers(queued: list[Queued]) -> list[int]:
    return [one.ticket.number for one in queued]


async def test_a_ready_made_reply_is_filled_for_the_case(shop: Shop) -> None:
    li = await shop.hire("Li", alias="小李")
    _door, ticket = await a_case(shop)
    text = CannedText(zh="{customer}您好，我是{agent}，编号{number}，{order}", en="Hello", tags=["hi"])
    async with shop.database.write() as session:
        await canned.save(session, "hello", text, by="Sue", now=shop.clock.now())
        await session.execute(update(Customer).values(form_of_address="李太太"))
        with pytest.raises(InvalidInput, match="unknown"):
            await canned.save(session, "bad", CannedText(zh="{phone}"), by="Sue", now=shop.clock.now())
    async with shop.database.read() as session:
        [reply] = await canned.find(session, "hel")
        assert [one.name for one in await canned.find(session, "hi")] == ["hello"]
        filled = await canned.fill(session, reply, ticket, li, ShopFacts(name=Localised(zh="茶铺")), "zh")
    assert (filled.text, filled.missing) == (f"李太太您好，我是小李，编号{ticket.number}，{{order}}", ("order",))


async def test_the_card_tells_what_whoever_comes_next_has_to_know(shop: Shop) -> None:
    li = await shop.hire("Li")
    door = shop.door()
    await door.say([Words("q", "怎么退货")])
    await door.say([Words("p", "人工")])
    ticket = await the_case(shop, door)
    async with shop.database.write() as session:
        await session.execute(update(Customer).values(name="李太太", phone="+8613800008812", email="li@example.com"))
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "下午3点前给您答复")
    async with shop.database.read() as session:
        policy = await POLICIES.current(session)
        card = await cards.read_card(session, policy, ticket.number, li, shop.clock.now())
    assert (card.customer.phone, card.customer.email, card.customer.name) == ("•••8812", "l•••@example.com", "李太太")
    assert [shown.article for shown in card.shown] == ["returns"]
    assert [(promise.by, promise.words) for promise in card.promises] == [("Li", "下午3点")]
    assert (card.asked, card.assignee, card.said[-1].text) == ("怎么退货", "Li", "下午3点前给您答复")
    async with shop.work(li) as work:
        contact = await cards.show_contact(work, li, ticket.number)
    assert contact.phone == "+8613800008812"
    async with shop.database.read() as session:
        text, language = await drafts.last_question(session, card.conversation_id or 0)
    assert (text, language) == ("怎么退货", "zh")
    found = await drafts.best(shop.knowledge, text, language)
    assert [(draft.article, draft.answer) for draft in found] == [("returns", "七天内可以退。")]

"""A hand-over is a case like any other: one owner, promises, an end."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from conversations import corrections
from conversations.desk import ending, holding, speaking, waiting
from conversations.desk.errors import NotTaken
from conversations.desk.undoing import AreYouSure
from conversations.values import Owner
from scheduler.jobs import end_snoozes, keep_words
from staff import service as staff_service
from staff.values import Actor, Role
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.desk_work import a_case, events, jobs, the_case, the_talk
from tests.support.doors import Words
from tickets import given_words, service
from tickets.models import GivenWord, Ticket
from tickets.repository import list_clocks
from tickets.values import EventType, NotYours, Resolution, TakenAlready, Target, TicketKind, TicketStatus

pytestmark = pytest.mark.db


async def test_who_asks_for_a_person_has_a_case_with_a_promise(shop: Shop) -> None:
    await shop.hire("Li")
    door, ticket = await a_case(shop, "发什么快递")
    assert (ticket.kind, ticket.status, ticket.subject) == (TicketKind.QUESTION, TicketStatus.NEW, "发什么快递")
    conversation = await the_talk(shop, door)
    async with shop.database.read() as session:
        clocks = (await list_clocks(session, [ticket.id]))[ticket.id]
    assert conversation.answer_by == clocks[Target.FIRST_RESPONSE].due_at == shop.clock.now() + timedelta(hours=1)


async def test_asking_again_is_the_same_case_and_a_new_one_begins_after_the_end(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, first = await a_case(shop)
    await door.say([Words("again", "转人工")])
    assert (await the_case(shop, door)).id == first.id
    async with shop.work(li) as work:
        await holding.take(work, li, first.number)
    async with shop.work(li) as work:
        await holding.hand_back(work, li, first.number)
    ended = await the_case(shop, door)
    assert (ended.status, ended.resolution) == (TicketStatus.RESOLVED, Resolution.SOLVED)
    await door.say([Words("anew", "人工")])
    assert (await the_case(shop, door)).id != first.id


async def test_a_question_that_becomes_a_complaint_is_one_case(shop: Shop) -> None:
    await shop.hire("Li")
    door, question = await a_case(shop)
    await door.say([Words("c", "我要投诉，茶罐破了，茶叶都洒了")])
    complaint = await the_case(shop, door)
    async with shop.database.read() as session:
        merged = await session.get_one(Ticket, question.id)
    assert complaint.kind is TicketKind.COMPLAINT
    assert (merged.resolution, merged.merged_into_id) == (Resolution.MERGED, complaint.id)


async def test_taking_the_ticket_silences_the_bot_and_a_reply_keeps_the_promise(shop: Shop) -> None:
    li = await shop.hire("li.xiaoming", alias="小李")
    door, ticket = await a_case(shop)
    await door.hear()
    async with shop.work(li) as work:
        case, message = await speaking.reply(work, li, ticket.number, "您好，我来看看")
    assert (message.name, case.ticket.status, case.ticket.assignee_id) == ("小李", TicketStatus.OPEN, li.id)
    talk = await the_talk(shop, door)
    assert (talk.owner, talk.agent_id, talk.answer_by) == (Owner.TAKEN, li.id, None)
    async with shop.database.read() as session:
        clocks = (await list_clocks(session, [ticket.id]))[ticket.id]
    assert clocks[Target.FIRST_RESPONSE].met_at == shop.clock.now()
    await door.hear()
    await door.say([Words("q", "怎么退货")])
    assert await door.hear() == []
    assert (await events(shop, EventType.SAID))[-1].text == "怎么退货"


async def test_a_colleague_hears_by_whom_it_is_taken(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    _door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await holding.take(work, li, ticket.number)
    with pytest.raises(TakenAlready, match="Li"):
        async with shop.work(mary) as work:
            await holding.take(work, mary, ticket.number)
    with pytest.raises(NotYours):
        async with shop.work(mary) as work:
            await holding.escalate(work, mary, ticket.number, None)


async def test_a_plain_assignment_takes_the_packet_along_once(shop: Shop) -> None:
    li, _mary = await shop.hire("Li"), await shop.hire("Mary")
    _door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "今天下午3点前给您答复")
    for _ in range(2):
        async with shop.work(li) as work:
            sue = Actor(li.id, "Li", Role.SUPERVISOR)
            to = await staff_service.get_agent(work.session, "Mary")
            await holding.assign(work, sue, ticket.number, None, to, None)
    (packet,) = await events(shop, EventType.HANDED_OVER)
    assert packet.text is not None
    assert packet.text.startswith("原因：")
    assert "答应过的时间：" in packet.text
    assert "跟顾客说过：" in packet.text
    assert packet.data == {"to": "Mary"}


async def test_an_edit_changes_what_was_promised(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        _case, said = await speaking.reply(work, li, ticket.number, "今天下午3点前给您答复")
    for text, wanted in (("今天下午3点前一定回您", 5), ("今天下午4点前给您答复", 6), ("查到了就告诉您", None)):
        async with shop.work(li) as work:
            await corrections.mend(work, said.id, li, text)
        due = shop.clock.now() + timedelta(hours=wanted) if wanted else None
        assert (await the_talk(shop, door)).answer_by == due
        async with shop.database.read() as session:
            still_open = await given_words.list_open(session, [ticket.id])
        assert [given.due_at for given in still_open] == ([due] if due else [])
    with pytest.raises(AreYouSure):
        async with shop.work(li) as work:
            await corrections.mend(work, said.id, li, "保证今天下午4点前给您答复")
    async with shop.work(li) as work:
        await corrections.mend(work, said.id, li, "保证今天下午4点前给您答复", sure=True)
    shop.clock.advance(hours=5, minutes=30)
    assert await keep_words(jobs(shop)) == 1
    assert len(await events(shop, EventType.REMINDED)) == 1


async def test_a_date_in_a_reply_is_what_is_watched_until_the_reply_is_taken_back(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)

    async def due() -> datetime | None:
        async with shop.database.read() as session:
            return (await list_clocks(session, [ticket.id]))[ticket.id][Target.RESOLUTION].due_at

    promised = await due()
    async with shop.work(li) as work:
        _case, said = await speaking.reply(work, li, ticket.number, "明天下午3点前给您退款")
    assert await due() == (await the_talk(shop, door)).answer_by == shop.clock.now() + timedelta(days=1, hours=5)
    async with shop.work(li) as work:
        await corrections.take_back(work, said.id, li)
    assert (await due(), (await the_talk(shop, door)).answer_by) == (promised, None)
    async with shop.database.read() as session:
        assert await given_words.list_open(session, [ticket.id]) == []


async def test_an_assignment_lets_the_bot_answer_until_it_is_taken(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await holding.take(work, li, ticket.number)
    async with shop.work(li) as work:
        to = await staff_service.get_agent(work.session, "Mary")
        await holding.hand_over(work, li, ticket.number, to, "等她的照片")
    (packet,) = await events(shop, EventType.HANDED_OVER)
    assert packet.text is not None
    assert packet.text.startswith("等她的照片\n\n原因：")
    assert "答应过的时间：" in packet.text
    assert "跟顾客说过：" in packet.text
    assert (await the_talk(shop, door)).owner is Owner.WAITING
    await door.hear()
    await door.say([Words("q", "怎么退货")])
    assert "七天内可以退。" in (await door.hear())[0].text
    with pytest.raises(NotYours):
        async with shop.work(li) as work:
            await speaking.reply(work, li, ticket.number, "我来")
    async with shop.work(mary) as work:
        await holding.take(work, mary, ticket.number)
    assert (await the_talk(shop, door)).agent_id == mary.id


async def test_a_colleague_who_was_asked_writes_notes_and_nothing_else(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    _door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await holding.take(work, li, ticket.number)
    with pytest.raises(NotYours):
        async with shop.work(mary) as work:
            await speaking.note(work, mary, ticket.number, "我看看")
    async with shop.work(li) as work:
        await holding.ask(work, li, ticket.number, "Mary", "你熟这个牌子吗")
    async with shop.work(mary) as work:
        await speaking.note(work, mary, ticket.number, "是老包装")
    with pytest.raises(NotYours):
        async with shop.work(mary) as work:
            await speaking.reply(work, mary, ticket.number, "是老包装")
    assert [event.actor for event in await events(shop, EventType.NOTED)] == ["Mary"]


async def test_nobody_hands_back_what_nobody_has(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, ticket = await a_case(shop)
    with pytest.raises(NotTaken):
        async with shop.work(li) as work:
            await holding.hand_back(work, li, ticket.number)


async def test_what_is_put_aside_comes_back_by_itself_or_with_the_customers_word(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)
    for comes_back in ("time", "word"):
        async with shop.work(li) as work:
            await holding.take(work, li, ticket.number)
            await waiting.snooze(work, li, ticket.number, shop.clock.now() + timedelta(hours=1))
        assert await end_snoozes(jobs(shop)) == 0
        if comes_back == "time":
            shop.clock.advance(hours=1)
            assert await end_snoozes(jobs(shop)) == 1
        else:
            await door.say([Words("more", "还有一件事，盖子也坏了")])
        assert (await the_case(shop, door)).snoozed_until is None
    assert len(await events(shop, EventType.WOKEN)) == 2


async def test_a_time_that_is_written_is_reminded_of_and_kept_by_the_next_answer(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "今天下午3点前给您答复")
    three = shop.clock.now() + timedelta(hours=5)
    assert (await the_talk(shop, door)).answer_by == three
    shop.clock.advance(hours=4, minutes=29)
    assert await keep_words(jobs(shop)) == 0
    shop.clock.advance(minutes=1)
    assert (await keep_words(jobs(shop)), await keep_words(jobs(shop))) == (1, 0)
    assert [event.data["due_at"] for event in await events(shop, EventType.REMINDED)] == [three.isoformat()]
    async with shop.work(li) as work:
        await speaking.reply(work, li, ticket.number, "查到了，明天补发")
    shop.clock.advance(hours=1)
    assert await keep_words(jobs(shop)) == 0
    async with shop.database.read() as session:
        first, second = await session.scalars(select(GivenWord).order_by(GivenWord.id))
    assert (first.kept_at is not None, second.kept_at) == (True, None)


async def test_resolving_asks_the_customer_and_gives_the_talk_back(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, ticket = await a_case(shop)
    async with shop.work(li) as work:
        case = await holding.take(work, li, ticket.number)
        version = case.ticket.version
    async with shop.work(li) as work:
        await ending.resolve(work, li, ticket.number, version)
    talk = await the_talk(shop, door)
    assert (talk.owner, talk.agent_id, talk.answer_by, talk.unanswered_since) == (Owner.BOT, None, None, None)
    assert str(ticket.number) in (await door.hear())[-1].text


async def test_a_supervisor_merges_two_cases_and_one_goes_on(shop: Shop) -> None:
    li, sue = await shop.hire("Li"), await shop.hire("Sue", Role.SUPERVISOR)
    door, ticket = await a_case(shop)
    other = await second_ticket(shop, ticket, li)
    async with shop.work(li) as work:
        await holding.take(work, li, ticket.number)
    async with shop.work(sue) as work:
        case = await ending.merge(work, sue, ticket.number, other, None)
    talk = await the_talk(shop, door)
    assert (case.ticket.number, talk.ticket_id, talk.agent_id) == (other, case.ticket.id, li.id)
    assert case.ticket.assignee_id == li.id


async def second_ticket(shop: Shop, ticket: Ticket, by: Actor) -> int:
    async with shop.work(by) as work:
        said = service.Complaint(customer_id=ticket.customer_id, text="另一件事", separate=True)
        return (await service.open_complaint(work, said)).number

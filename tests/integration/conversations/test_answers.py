"""A customer's message becomes rows, an answer and deliveries, once, in one transaction."""

import asyncio

import pytest
from sqlalchemy import select

from conversations import repository
from conversations.batches import LostClaim
from conversations.desk import holding
from conversations.models import Conversation, Delivery, InboxEvent, Message
from conversations.service import Conversations
from conversations.values import Author, InboxState, Owner, Said
from core.database import Database
from core.signals import MESSAGES, Signal
from customers.models import ChannelIdentity, Customer
from knowledge_base.models import QuestionLog
from knowledge_base.values import SearchContext, SearchResult
from tests.integration.conversations.conftest import LONG, RESULTS, Shop
from tests.support.doors import DirectDoor, Words
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES

pytestmark = pytest.mark.db


async def messages_of(database: Database) -> list[Message]:
    async with database.read() as session:
        return list(await session.scalars(select(Message).order_by(Message.seq)))


async def deliveries_of(database: Database) -> list[Delivery]:
    async with database.read() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def the_conversation(shop: Shop, door: DirectDoor) -> Conversation:
    async with shop.database.read() as session:
        found = await repository.find_conversation(session, door.account, door.visitor)
    assert found is not None
    return found


async def test_rows_count_up_and_the_answer_names_its_article_and_the_event_it_answers(shop: Shop) -> None:
    await shop.door().say([Words("a", "在吗"), Words("b", "怎么退货")])
    messages = await messages_of(shop.database)
    assert [(m.seq, m.author, m.client_id) for m in messages] == [
        (1, Author.CUSTOMER, "a"),
        (2, Author.CUSTOMER, "b"),
        (3, Author.BOT, None),
        (4, Author.BOT, None),
    ]
    assert (messages[3].article, messages[3].article_language, messages[3].article_version) == ("returns", "zh", 3)
    async with shop.database.read() as session:
        events = list(await session.scalars(select(InboxEvent).order_by(InboxEvent.id)))
    assert {event.state for event in events} == {InboxState.DONE}
    assert {m.answer_to for m in messages} == {events[0].id} == {event.batch_id for event in events}


async def test_on_a_push_channel_every_answer_is_a_delivery_in_order(shop: Shop) -> None:
    await shop.door(channel="telegram").say([Words("a", "怎么退货")])
    deliveries = await deliveries_of(shop.database)
    said = [m for m in await messages_of(shop.database) if m.author is Author.BOT]
    assert [d.message_id for d in deliveries] == [m.id for m in said]
    assert {(d.lane, d.owner_epoch, d.payload["to"]) for d in deliveries} == {("visitor", 0, "visitor")}
    assert deliveries[-1].payload["buttons"][0]["label"] == "解决了"


@pytest.mark.parametrize("channel", ["web", "http", "terminal"])
async def test_on_a_pull_channel_what_is_committed_is_delivered(shop: Shop, channel: str) -> None:
    await shop.door(channel=channel).say([Words("a", "怎么退货")])
    assert await deliveries_of(shop.database) == []


async def test_a_long_answer_goes_out_whole_in_parts_and_stays_one_message(shop: Shop) -> None:
    await shop.door(channel="telegram").say([Words("a", "全部规则")])
    said = (await messages_of(shop.database))[-1]
    parts = [d for d in await deliveries_of(shop.database) if d.message_id == said.id]
    assert len(parts) > 1
    assert [(d.part, d.parts) for d in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    assert "".join(str(d.payload["text"]) for d in parts).startswith(LONG.answer)
    assert said.text.startswith(LONG.answer)
    assert [bool(d.payload["buttons"]) for d in parts] == [False] * (len(parts) - 1) + [True]


async def test_a_message_of_ten_thousand_characters_is_kept_complete(shop: Shop) -> None:
    text = "我想问一下" * 2000
    await shop.door().say([Words("a", text)])
    assert (await messages_of(shop.database))[0].text == text


async def test_a_copy_gets_the_answer_given_then_and_does_nothing_twice(shop: Shop) -> None:
    door = shop.door(channel="telegram")
    said = Said(visitor=door.who, at=shop.clock.now(), message_id="a", text="怎么退货")
    first = await door.handle(said)
    copy = await door.handle(said)
    assert [m.id for m in copy] == [m.id for m in first]
    assert len(await messages_of(shop.database)) == 3
    assert len(await deliveries_of(shop.database)) == 2
    assert len(shop.knowledge.searched) == 1


async def test_copies_within_one_batch_count_once(shop: Shop) -> None:
    await shop.door().say([Words("a", "怎么退货"), Words("a", "怎么退货")])
    assert [m.client_id for m in await messages_of(shop.database)] == ["a", None, None]


async def test_batches_of_one_customer_at_the_same_time_leave_no_gap_and_no_message_unanswered(shop: Shop) -> None:
    """The inbox gives a lane to one worker; a lease that ran out can still let two of them meet here."""
    door = shop.door()
    await door.say([Words("first", "怎么退货")])
    said = [Said(visitor=door.who, at=shop.clock.now(), message_id=f"m{n}", text="怎么退货") for n in range(3)]
    batches = [await door.claim(each, lane=f"lane of {each.message_id}") for each in said]
    await asyncio.gather(*(shop.conversations.handle(batch) for batch in batches))
    messages = await messages_of(shop.database)
    assert [m.seq for m in messages] == list(range(1, len(messages) + 1))
    assert [m.author for m in messages[3:]] == [Author.CUSTOMER, Author.BOT] * 3


async def test_many_customers_at_once_each_get_their_own_conversation(shop: Shop) -> None:
    doors = [shop.door(f"visitor {n}") for n in range(20)]
    batches = [
        await door.claim(Said(visitor=door.who, at=shop.clock.now(), message_id="a", text="怎么退货")) for door in doors
    ]
    await asyncio.gather(*(shop.conversations.handle(batch) for batch in batches))
    async with shop.database.read() as session:
        conversations = list(await session.scalars(select(Conversation)))
    assert len({c.customer_id for c in conversations}) == len({c.identity_id for c in conversations}) == 20
    assert {c.last_seq for c in conversations} == {3}


async def test_who_lost_the_claim_writes_nothing(shop: Shop) -> None:
    door = shop.door(channel="telegram")
    batch = await door.claim(Said(visitor=door.who, at=shop.clock.now(), message_id="a", text="怎么退货"))
    async with shop.database.write() as session:
        (await session.get_one(InboxEvent, batch.items[0].id)).claim = "another worker's"
    with pytest.raises(LostClaim):
        await shop.conversations.handle(batch)
    assert await messages_of(shop.database) == []
    assert await deliveries_of(shop.database) == []


class TakenMeanwhile(HandMadeKnowledge):
    """While it searches, an agent takes the conversation."""

    def __init__(self, shop: Shop, door: DirectDoor) -> None:
        super().__init__([], RESULTS)
        self._shop = shop
        self._door = door

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        found = await super().search(text, context)
        conversation = await the_conversation(self._shop, self._door)
        if conversation.owner is not Owner.TAKEN:
            agent = await self._shop.hire("Li")
            async with self._shop.work(agent) as work:
                await holding.take_conversation(work, agent, conversation.id)
        return found


async def test_an_agent_who_takes_over_while_the_answer_is_sought_silences_it(shop: Shop) -> None:
    door = shop.door()
    await door.say([Words("a", "在吗")])
    door.conversations = Conversations(shop.database, shop.clock, TakenMeanwhile(shop, door), POLICIES)
    await door.say([Words("b", "怎么退货")])
    assert [(m.author, m.text) for m in (await messages_of(shop.database))[2:]] == [(Author.CUSTOMER, "怎么退货")]
    assert (await the_conversation(shop, door)).unanswered_since is not None


async def test_what_was_asked_is_logged_masked_with_what_became_of_it(shop: Shop) -> None:
    door = shop.door()
    await door.say([Words("a", "怎么退货")])
    await door.say([Words("b", "没用")])
    await door.say([Words("c", "我的电话是13812345678，在哪")])
    async with shop.database.read() as session:
        answered, missed = await session.scalars(select(QuestionLog).order_by(QuestionLog.id))
    assert (answered.article, answered.article_version, answered.helpful) == ("returns", 3, False)
    assert (answered.outcome, answered.candidates[0]["article"], answered.confidence) == ("answer", "returns", 0.9)
    assert "13812345678" not in missed.text
    assert answered.customer_id == (await the_conversation(shop, door)).customer_id


async def test_the_last_question_is_given_to_the_next_search(shop: Shop) -> None:
    door = shop.door()
    await door.say([Words("a", "怎么退货")])
    await door.say([Words("b", "那运费呢")])
    assert shop.knowledge.searched[-1] == ("那运费呢", SearchContext("zh", "怎么退货", "returns"))


async def test_whoever_reads_along_is_woken_by_the_commit(shop: Shop) -> None:
    door = shop.door()
    await door.say([Words("a", "在吗")])
    conversation = await the_conversation(shop, door)
    with shop.database.signals.subscribe(Signal(MESSAGES, str(conversation.id))) as news:
        await door.say([Words("b", "怎么退货")])
        assert await news.wait(1.0)


async def test_how_far_the_customer_has_read_and_whether_messages_reach_them(shop: Shop) -> None:
    door = shop.door(channel="telegram")
    await door.say([Words("a", "在吗")])
    before = await the_conversation(shop, door)
    await door.see(1)
    await door.see(99)
    await door.block("blocked")
    after = await the_conversation(shop, door)
    assert (after.seen_seq, after.version, after.last_seq) == (2, before.version, 2)
    async with shop.database.read() as session:
        identity = (await session.scalars(select(ChannelIdentity))).one()
    assert (identity.reachable, identity.unreachable_because) == (False, "blocked")


async def test_an_unverified_visitor_is_never_merged_into_a_known_customer(shop: Shop) -> None:
    async with shop.database.write() as session:
        now = shop.clock.now()
        session.add(Customer(external_id="C-1", name="李太太", created_at=now, updated_at=now))
    for channel in ("web", "http", "telegram", "terminal"):
        await shop.door("C-1", channel).say([Words("a", "在吗")])
    async with shop.database.read() as session:
        strangers = list(await session.scalars(select(Customer).where(Customer.external_id.is_(None))))
    assert len(strangers) == 4

"""What agents do with a conversation, and what customers see of it."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from conversations import repository
from conversations.desk import holding, speaking
from conversations.desk.errors import NotTaken, TakenByOther
from conversations.models import Conversation, Delivery, Message
from conversations.values import Attachment, AttachmentKind, DeliveryKind, MessageKind, Owner
from core.errors import InvalidInput
from staff.values import Actor, Role
from tests.integration.conversations.conftest import Shop
from tests.support.doors import DirectDoor, Words
from tickets.values import TakenAlready

pytestmark = pytest.mark.db


async def a_talk(shop: Shop, channel: str = "telegram") -> tuple[DirectDoor, int]:
    """A customer who asked for a person, and the conversation's id."""
    door = shop.door(channel=channel)
    await door.say([Words("a", "人工")])
    async with shop.database.read() as session:
        found = await repository.find_conversation(session, door.account, door.visitor)
    assert found is not None
    return door, found.id


async def take(shop: Shop, conversation_id: int, agent: Actor) -> Conversation:
    async with shop.work(agent) as work:
        return await holding.take_conversation(work, agent, conversation_id)


async def reply(shop: Shop, conversation_id: int, agent: Actor, text: str) -> Message:
    async with shop.work(agent) as work:
        return await speaking.reply_in_conversation(work, agent, conversation_id, text)


async def hand_back(shop: Shop, conversation_id: int, agent: Actor) -> Conversation:
    async with shop.work(agent) as work:
        return await holding.hand_back_conversation(work, agent, conversation_id)


async def test_staff_see_who_waits_and_since_when(shop: Shop) -> None:
    await shop.hire("Li")
    _door, conversation_id = await a_talk(shop)
    asked_at = shop.clock.now()
    shop.clock.advance(hours=1)
    async with shop.database.read() as session:
        wanted = repository.ConversationFilter(state=Owner.WAITING, channel="telegram", unanswered=True)
        waiting = await repository.list_conversations(session, wanted)
        nobody = await repository.list_conversations(session, repository.ConversationFilter(state=Owner.TAKEN))
    assert [(c.id, c.unanswered_since) for c in waiting] == [(conversation_id, asked_at)]
    assert nobody == []


async def test_a_reply_reaches_the_customer_with_a_name_on_it(shop: Shop) -> None:
    li = await shop.hire("li.xiaoming", alias="小李")
    _door, conversation_id = await a_talk(shop)
    await take(shop, conversation_id, li)
    message = await reply(shop, conversation_id, li, "  您好，我来看看。 ")
    assert (message.text, message.name, message.kind) == ("您好，我来看看。", "小李", MessageKind.AGENT_REPLY)
    async with shop.database.read() as session:
        delivery = (await session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1))).one()
    assert delivery.kind is DeliveryKind.AGENT_REPLY
    assert delivery.payload["text"] == "小李（人工）：\n您好，我来看看。"
    assert delivery.owner_epoch is None


async def test_one_takes_it_and_the_others_hear_by_whom(shop: Shop) -> None:
    people = [await shop.hire(f"agent {n}") for n in range(8)]
    _door, conversation_id = await a_talk(shop)
    results = await asyncio.gather(*(take(shop, conversation_id, agent) for agent in people), return_exceptions=True)
    refused = [result for result in results if isinstance(result, TakenAlready)]
    assert len(refused) == 7
    async with shop.database.read() as session:
        conversation = await repository.get_conversation(session, conversation_id)
    winner = next(agent for agent in people if agent.id == conversation.agent_id)
    assert all(winner.name in error.detail for error in refused)


async def test_taking_ones_own_again_changes_nothing(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, conversation_id = await a_talk(shop)
    first = await take(shop, conversation_id, li)
    before = (first.owner_epoch, first.owner_since, first.version)
    shop.clock.advance(hours=1)
    again = await take(shop, conversation_id, li)
    assert (again.owner_epoch, again.owner_since, again.version) == before


async def test_only_the_one_who_took_it_replies_or_hands_it_back(shop: Shop) -> None:
    li, mary = await shop.hire("Li"), await shop.hire("Mary")
    _door, conversation_id = await a_talk(shop)
    with pytest.raises(NotTaken):
        await reply(shop, conversation_id, li, "您好")
    with pytest.raises(NotTaken):
        await hand_back(shop, conversation_id, li)
    await take(shop, conversation_id, li)
    with pytest.raises(TakenByOther, match="Li"):
        await reply(shop, conversation_id, mary, "您好")
    with pytest.raises(TakenByOther, match="Li"):
        await hand_back(shop, conversation_id, mary)


async def test_a_supervisor_may_hand_back_what_somebody_else_took(shop: Shop) -> None:
    li, sue = await shop.hire("Li"), await shop.hire("Sue", Role.SUPERVISOR)
    door, conversation_id = await a_talk(shop)
    await take(shop, conversation_id, li)
    handed = await hand_back(shop, conversation_id, sue)
    assert (handed.owner, handed.agent_id, handed.unanswered_since) == (Owner.BOT, None, None)
    assert "自动客服" in (await door.hear())[-1].text
    with pytest.raises(NotTaken):
        await hand_back(shop, conversation_id, sue)


@pytest.mark.parametrize("text", ["", "  \n ", "字" * (speaking.MAX_REPLY + 1)])
async def test_a_reply_without_words_or_with_too_many_is_refused(shop: Shop, text: str) -> None:
    li = await shop.hire("Li")
    _door, conversation_id = await a_talk(shop)
    await take(shop, conversation_id, li)
    with pytest.raises(InvalidInput):
        await reply(shop, conversation_id, li, text)


async def test_a_reply_may_be_a_file_alone(shop: Shop) -> None:
    li = await shop.hire("Li")
    _door, conversation_id = await a_talk(shop, "web")
    await take(shop, conversation_id, li)
    photo = Attachment(kind=AttachmentKind.PHOTO, file_id="f1")
    async with shop.work(li) as work:
        message = await speaking.reply_in_conversation(work, li, conversation_id, "", [photo])
    assert message.attachments == [photo]


async def test_no_such_conversation(shop: Shop) -> None:
    li = await shop.hire("Li")
    with pytest.raises(repository.ConversationNotFound):
        await take(shop, 10**15, li)


async def test_each_change_of_hands_moves_the_epoch_and_begins_with_a_clean_slate(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, conversation_id = await a_talk(shop)
    await door.say([Words("b", "怎么退货")])
    epochs = [(await take(shop, conversation_id, li)).owner_epoch]
    await door.say([Words("c", "解决了")])
    handed = await hand_back(shop, conversation_id, li)
    assert [*epochs, handed.owner_epoch] == [1, 2]
    await door.hear()
    await door.say([Words("d", "怎么退货")])
    [answered] = await door.hear()
    assert answered.text.startswith("七天内可以退。")


async def test_the_customer_waits_from_the_first_word_that_nobody_answered(shop: Shop) -> None:
    li = await shop.hire("Li")
    door, conversation_id = await a_talk(shop)
    await take(shop, conversation_id, li)
    await reply(shop, conversation_id, li, "您好")
    shop.clock.advance(minutes=5)
    first = shop.clock.now()
    await door.say([Words("b", "罐子破了")])
    shop.clock.advance(minutes=5)
    await door.say([Words("c", "人呢")])
    async with shop.database.read() as session:
        conversation = await repository.get_conversation(session, conversation_id)
    assert conversation.unanswered_since == first
    assert conversation.last_at == first + timedelta(minutes=5)

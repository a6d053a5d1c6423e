"""Without the look at the version the bot speaks after a person has taken over: the test of it would see that."""

from dataclasses import replace

from conversations.batches import Batch
from conversations.models import Conversation, Message
from conversations.planning import Context, Turn
from conversations.service import Conversations
from conversations.values import Author
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.test_answers import TakenMeanwhile, messages_of
from tests.support.doors import Words
from tests.support.policies import POLICIES


class Careless(Conversations):
    """Writes whatever was decided, however the conversation has moved since."""

    async def _write(self, batch: Batch, context: Context, turns: tuple[Turn, ...]) -> tuple[Message, ...] | None:
        async with self._database.read() as session:
            current = await session.get_one(Conversation, 1)
        return await super()._write(batch, replace(context, version=current.version), turns)


async def test_careless_the_bot_speaks_over_a_person(shop: Shop) -> None:
    door = shop.door()
    await door.say([Words("a", "在吗")])
    door.conversations = Careless(shop.database, shop.clock, TakenMeanwhile(shop, door), POLICIES)
    await door.say([Words("b", "怎么退货")])
    assert [m.author for m in (await messages_of(shop.database))[2:]] == [Author.CUSTOMER, Author.BOT]

"""A case whose talk moves to another conversation, seen from the agents' group."""

from pathlib import Path

from sqlalchemy import select

from conversations.models import Conversation
from core.database import Database
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import telegram_floor


async def test_a_talk_that_goes_on_elsewhere_goes_on_in_its_topic(database: Database, tmp_path: Path) -> None:
    """As after "continue in Telegram": the other conversation is younger, and its numbers begin at one."""
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as case:
        await case.customer_says("人工")
        for text in ("我到门口了", "穿蓝衣服", "手里拿着伞"):
            await case.customer_says(text)
        elsewhere = case.server.customer(72, "Anna", "zh")
        elsewhere.says("你好")
        await case.settled()
        async with case.database.write() as session:
            old, new = await session.scalars(select(Conversation).order_by(Conversation.id))
            new.ticket_id, old.ticket_id = old.ticket_id, None
        elsewhere.says("我在这边接着说")
        await case.settled()
        assert any("我在这边接着说" in text for text in await case.words())

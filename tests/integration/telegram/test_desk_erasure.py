"""Somebody who is erased, in the agents' chats: what Telegram still lets go of goes, the rest is named."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.database import Database
from customers import privacy
from customers.models import Customer
from customers.privacy_models import Erasure
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import GROUP, TelegramFloor, telegram_floor

LI = 501


async def a_case(floor: TelegramFloor) -> None:
    """Anna's words in the group, a note about her, and words about her in Li's own chat."""
    floor.server.customer(LI, "小李", "zh")
    await floor.customer_says("人工")
    await floor.customer_says("我是 Anna，快一点")
    await floor.types("chen", "Anna 是老顾客")
    await floor.types("sue", "/assign li")


async def erase(floor: TelegramFloor, folder: Path) -> None:
    async with floor.database.read() as session:
        customer_id = (await session.scalars(select(Customer.id).where(Customer.erased_at.is_(None)))).one()
    await privacy.erase(privacy.Erasing(floor.database, folder), customer_id, by="test", now=floor.clock.now())
    await floor.settled()


def about_her(floor: TelegramFloor) -> list[str]:
    shown = [str(one.get("text")) for chat in (GROUP, LI) for one in floor.server.screen(chat)]
    return [text for text in shown if "Anna" in text]


async def unreachable(floor: TelegramFloor) -> list[str]:
    async with floor.database.read() as session:
        receipt: dict[str, Any] = (await session.scalars(select(Erasure.receipt))).one()
    return [line for line in receipt["unreachable"] if line.startswith("message ")]


@pytest.mark.parametrize("is_forum", [False, True])
async def test_what_is_fresh_is_deleted(database: Database, tmp_path: Path, is_forum: bool) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path, is_forum=is_forum) as floor:
        await a_case(floor)
        assert len(about_her(floor)) >= 3
        await erase(floor, tmp_path)
        assert about_her(floor) == []
        assert await unreachable(floor) == []
        if is_forum:  # the topic has taken along what stood in it
            assert not [one for one in floor.server.log.called("deleteMessage") if one.chat_id == GROUP]


@pytest.mark.db
async def test_what_is_old_is_emptied_and_what_others_wrote_is_named_on_the_receipt(
    database: Database, tmp_path: Path
) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path, is_forum=False) as floor:
        await a_case(floor)
        floor.clock.advance(49 * 3600)
        await erase(floor, tmp_path)
        (left,) = about_her(floor)
        assert "Anna 是老顾客" in left
        (named,) = await unreachable(floor)
        assert f"in the Telegram chat {GROUP} (not_editable): delete it by hand" in named


@pytest.mark.db
async def test_a_topic_that_may_not_be_deleted_is_said_once(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, HandMadeKnowledge((), {}), tmp_path) as floor:
        await a_case(floor)
        floor.server.fail("no_right_to_write", chat_id=GROUP, method="deleteForumTopic")
        await erase(floor, tmp_path)
        for _ in range(3):
            floor.clock.advance(700)
            await floor.settled()
        told = [text for text in await floor.words() if "手动删除" in text]
        assert len(told) == 1
        assert len([call for call in floor.server.log.calls if call.method == "deleteForumTopic"]) == 1
        assert any("topic of case 1001" in line for line in await all_unreachable(floor))


async def all_unreachable(floor: TelegramFloor) -> list[str]:
    async with floor.database.read() as session:
        receipt: dict[str, Any] = (await session.scalars(select(Erasure.receipt))).one()
    return list(receipt["unreachable"])

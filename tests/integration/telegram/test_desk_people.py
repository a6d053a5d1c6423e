"""Who is in the agents' group and who is not of the shop; what those who are find in their own chat with the bot."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from conversations.models import Conversation
from core.database import Database
from staff import linking
from staff import service as staff_service
from staff.values import Role
from tests.integration.telegram.test_desk_redoing import doctor_says
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import GROUP, TelegramFloor, telegram_floor
from tests.telegram_server.people import Person

NOTHING_KNOWN = HandMadeKnowledge((), {})


async def strangers(floor: TelegramFloor) -> str:
    await floor.settled()
    found = (await doctor_says(floor))["telegram desk people"]
    assert found.well is not ("not linked" in found.found)
    return found.found


async def test_the_doctor_names_who_is_in_the_group_and_not_linked(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        assert "nobody but linked staff" in await strangers(floor)
        floor.people["li"].says("早")
        visitor = floor.server.member(GROUP, 900, "Visitor")
        visitor.says("你们好")
        newcomer = floor.server.member(GROUP, 901, "Newcomer")
        newcomer.joins()
        assert (await strangers(floor)).endswith("not linked: Visitor (900), Newcomer (901)")
        visitor.leaves()
        async with database.write() as session:
            await staff_service.add_agent(session, "new", Role.AGENT, by="test", now=floor.clock.now())
            link = await linking.start(session, "new", by="test", now=floor.clock.now())
            await linking.redeem(session, floor.bot.door.account, "901", link.code, floor.clock.now())
        assert "nobody but linked staff" in await strangers(floor)
        async with database.write() as session:
            await staff_service.disable(session, "chen", by="test", now=floor.clock.now())
        assert (await strangers(floor)).endswith("not linked: chen (502)")


async def says(floor: TelegramFloor, person: Person, text: str) -> str:
    """What the bot answers in their own chat."""
    person.says(text)
    await floor.settled()
    return floor.server.log.texts(person.chat.id)[-1]


def menu_of(floor: TelegramFloor, user_id: int) -> list[str]:
    shown = floor.server.world.profile["commands"].get(f"chat:{user_id}/", [])
    return [one["command"] for one in shown]


async def conversations(floor: TelegramFloor) -> int:
    async with floor.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Conversation)) or 0


async def test_agents_have_a_menu_of_their_own_and_are_no_customers(database: Database, tmp_path: Path) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path) as floor:
        li = floor.server.customer(501, "小李", "zh")
        assert menu_of(floor, 501) == ["next", "my", "due", "find", "away", "online", "redeem"]
        before = await conversations(floor)
        for text in ("人工", "茶岁了", "/start", "/me"):
            assert "不会当成顾客的话" in await says(floor, li, text)
        assert await conversations(floor) == before
        await floor.customer_says("人工")
        assert "#1001" in await says(floor, li, "/next")
        assert "1001" in await says(floor, li, "/my")
        assert (await says(floor, li, "/due")).startswith("快到时限的")
        assert "1001" in await says(floor, li, "/find Anna")
        assert (await says(floor, li, "/away 2小时")).startswith("您离开到")
        assert await says(floor, li, "/online") == "您在线了。"
        assert "话题里" in await says(floor, li, "/take")
        async with database.write() as session:
            await staff_service.disable(session, "li", by="test", now=floor.clock.now())
        await floor.settled()
        assert menu_of(floor, 501) == []
        assert "不会当成顾客的话" not in await says(floor, li, "你好")
        assert await conversations(floor) == before + 2


@pytest.mark.parametrize("is_forum", [True, False])
async def test_who_brings_a_code_is_staff_from_the_next_word_on(
    database: Database, tmp_path: Path, is_forum: bool
) -> None:
    async with telegram_floor(database, NOTHING_KNOWN, tmp_path, is_forum=is_forum) as floor:
        async with database.write() as session:
            await staff_service.add_agent(session, "wu", Role.AGENT, by="test", now=floor.clock.now())
            link = await linking.start(session, "wu", by="test", now=floor.clock.now())
        wu = floor.server.customer(702, "Wu", "zh")
        wu.says(f"/start {link.code}")
        wu.says("人工")
        await floor.settled()
        linked, hint = floor.server.log.texts(702)
        assert "/undo" in linked
        assert "不会当成顾客的话" in hint
        assert await conversations(floor) == 0

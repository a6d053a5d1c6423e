"""The bot's word and a take-over in the same millisecond: it is claimed before the take-over's commit, or never."""

import asyncio

import pytest
from sqlalchemy import select

from conversations.models import Conversation
from conversations.values import DeliveryState
from tests.integration.conversations.claiming import answers, claiming, greeted, is_done, taking
from tests.integration.conversations.conftest import Shop

pytestmark = pytest.mark.db


async def test_while_somebody_takes_over_nothing_of_the_bots_is_claimed_and_afterwards_it_is_skipped(
    shop: Shop,
) -> None:
    agent, door = await shop.hire("Li"), await greeted(shop)

    async def claim() -> list[int]:
        async with claiming(shop, door) as taken:
            return taken

    async with taking(shop, agent, door):
        sender = asyncio.create_task(claim())
        await is_done(sender)  # SQLite's waits for the take-over, PostgreSQL's leaves the word where it is
    assert await sender == []
    for _ in await answers(shop):  # one claim takes the head of a lane
        async with claiming(shop, door) as taken:
            assert taken == []
    ends = {(answer.state, answer.because) for answer in await answers(shop)}
    assert ends == {(DeliveryState.SKIPPED, "with_person")}


async def test_whoever_takes_over_waits_for_a_claim_that_came_first(shop: Shop) -> None:
    agent, door = await shop.hire("Li"), await greeted(shop)

    async def take() -> None:
        async with taking(shop, agent, door):
            return

    async with claiming(shop, door) as taken:
        assert len(taken) == 1
        desk = asyncio.create_task(take())
        assert not await is_done(desk)
    await desk


async def test_a_word_that_was_left_alone_goes_out_once_nobody_holds_the_conversation(shop: Shop) -> None:
    """A try that was none is not counted."""
    door = await greeted(shop)
    if not shop.database.is_sqlite:
        async with shop.database.write() as busy:
            await busy.execute(select(Conversation.id).with_for_update(key_share=True))
            async with claiming(shop, door) as taken:
                assert taken == []
    async with claiming(shop, door) as taken:
        assert len(taken) == 1
    first = min(await answers(shop), key=lambda answer: answer.id)
    assert (first.id, first.attempt) == (taken[0], 1)

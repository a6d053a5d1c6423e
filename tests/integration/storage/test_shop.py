"""The facts of the shop, set by several at once."""

import asyncio

import pytest

from core.clock import SystemClock
from core.database import Database
from core.shop import Shop, write_shop
from core.shop_facts import Localised, ShopFacts


@pytest.mark.db
async def test_whoever_sets_an_empty_shop_up_at_the_same_moment_is_not_turned_away(database: Database) -> None:
    async def set_up(name: str) -> None:
        async with database.write() as session:
            await write_shop(session, ShopFacts(name=Localised(en=name)), name, SystemClock().now())

    names = [f"shop {number}" for number in range(8)]
    await asyncio.gather(*map(set_up, names))
    async with database.read() as reading:
        row = await reading.get_one(Shop, 1)
    assert (row.version, row.facts.name.en, row.sample) == (8, row.updated_by, False)
    assert row.updated_by in names

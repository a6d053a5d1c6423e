"""No word of the bot leaves, or is written, after the commit of a take-over, in whatever order things happen."""

from random import Random

import pytest
from sqlalchemy import TextualSelect

from conversations.service import Conversations
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.interleavings import Dawdling, Round
from tests.support.doors import DirectDoor
from tests.support.policies import POLICIES

pytestmark = pytest.mark.db


def a_door(shop: Shop, number: int, random: Random) -> DirectDoor:
    engine = Conversations(shop.database, shop.clock, Dawdling(random), POLICIES)
    return DirectDoor(shop.database, shop.clock, engine, "zh", "telegram", f"visitor {number}")


async def faults_of(shop: Shop, rounds: int, claim: TextualSelect | None = None) -> dict[int, list[str]]:
    """By seed; `claim`: another statement than the sender's own."""
    agent = await shop.hire("Li")
    found = {}
    for seed in range(rounds):
        random = Random(seed)
        faults = await Round(shop, a_door(shop, seed, random), agent, random, claim).play()
        if faults:
            found[seed] = list(faults)
    return found


async def test_twenty_five_interleavings(shop: Shop) -> None:
    assert await faults_of(shop, 25) == {}


@pytest.mark.soak
async def test_ten_thousand_interleavings(shop: Shop) -> None:
    assert await faults_of(shop, 10_000) == {}

"""Without a look at who has the conversation, under its lock, a word of the bot leaves after a take-over."""

from conversations.outbox_rows import LANE_HEADS, LOCKS, OWN_LEASE, claim_statement
from core.database import Database
from tests.integration.conversations.claiming import claiming, greeted, taking
from tests.integration.conversations.conftest import Shop, make_shop
from tests.integration.conversations.test_no_word_after import faults_of
from tests.support.clock import FakeClock
from tests.support.databases import PostgresDatabases


async def test_careless_the_sender_sends_what_the_bot_had_written_before(shop: Shop) -> None:
    careless = claim_statement(LOCKS["sqlite"], because="CASE WHEN expires_at <= :now THEN 'expired' END")
    found = await faults_of(shop, 25, careless)
    assert any(fault.startswith("sent: ") for faults in found.values() for fault in faults)


async def test_careless_the_claim_alone_misses_a_take_over_that_is_being_committed(
    postgres_databases: PostgresDatabases, clock: FakeClock
) -> None:
    with postgres_databases.fresh() as url:
        database = Database(url)
        shop = make_shop(database, clock)
        agent, door = await shop.hire("Li"), await greeted(shop)
        alone = claim_statement(LOCKS["postgresql"], LANE_HEADS + OWN_LEASE)
        async with taking(shop, agent, door), claiming(shop, door, alone) as taken:
            assert len(taken) == 1  # it goes out although the take-over was there first
        await database.close()

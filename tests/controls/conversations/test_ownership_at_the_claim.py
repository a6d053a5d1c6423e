"""Without the look at who has the conversation a word of the bot leaves after a take-over: the interleavings see it."""

from conversations.outbox_rows import LOCKS, claim_statement
from tests.integration.conversations.conftest import Shop
from tests.integration.conversations.test_no_word_after import faults_of


async def test_careless_the_sender_sends_what_the_bot_had_written_before(shop: Shop) -> None:
    careless = claim_statement(LOCKS["sqlite"], because="CASE WHEN expires_at <= :now THEN 'expired' END")
    found = await faults_of(shop, 25, careless)
    assert any(fault.startswith("sent: ") for faults in found.values() for fault in faults)

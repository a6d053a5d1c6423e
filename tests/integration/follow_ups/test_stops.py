"""After a "stop" is committed nothing is sent, whenever it comes."""

import pytest
from sqlalchemy import func, select

from conversations.models import Delivery
from core.database import Database
from tests.integration.follow_ups.stops import race
from tests.integration.follow_ups.test_kill import prepare


@pytest.mark.db
async def test_nothing_is_sent_after_a_stop_is_committed(database: Database) -> None:
    await prepare(database, 120)
    journal = await race(database, 120, seed=1)
    assert journal.after_stop == []
    async with database.read() as session:
        skipped = await session.scalar(select(func.count()).where(Delivery.because == "opted_out"))
    # It was close: some stops came in time, others too late; nobody got anything twice.
    assert skipped
    assert len(journal.calls) == len(set(journal.calls)) == 120 - skipped
    assert journal.stopped & set(journal.calls)


@pytest.mark.soak
@pytest.mark.db
async def test_nothing_is_sent_after_any_of_ten_thousand_stops(database: Database) -> None:
    await prepare(database, 20_000)
    journal = await race(database, 20_000, seed=2)
    assert journal.after_stop == []
    assert len(journal.stopped) == 10_000

"""Transactions that may stand still for ever: with one that is frozen, what it holds is never done."""

import os
import signal
from pathlib import Path

import pytest

from tests.integration.follow_ups.test_frozen import PEOPLE, freeze_within, on_postgresql, sending, url_of
from tests.integration.follow_ups.test_kill import finish
from tests.integration.follow_ups.worker import WorkerPlan
from tests.support.databases import PostgresDatabases
from tests.telegram_server.client import telegram_process

pytestmark = [pytest.mark.telegram, pytest.mark.soak]


async def test_without_an_end_to_idle_transactions_the_others_wait_until_it_thaws(
    postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    with telegram_process() as server:
        async with on_postgresql(postgres_databases) as database:
            plan = WorkerPlan(url_of(database), server.url, tmp_path, idle_seconds=0)
            async with sending(database, plan, server) as leader:
                await freeze_within(leader, database)
                with pytest.raises(TimeoutError):
                    await finish(database, plan, PEOPLE, seconds=20)
                os.kill(leader, signal.SIGCONT)
                await finish(database, plan, PEOPLE)

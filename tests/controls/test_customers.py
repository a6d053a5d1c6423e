"""Broken variants of the customer's room, which its tests must catch."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select

from core.database import Database, ReadSession
from customers import consents, merge, quotes
from customers.models import Consent
from customers.privacy import erase
from customers.values import ConsentKind
from tests.integration.customers import test_merges
from tests.integration.customers.test_erasure import HERS, make_world, rows_with
from tests.integration.customers.test_merges import AnyOrder
from tests.support.clock import FakeClock
from tests.support.databases import SqliteFiles


def play(sqlite_files: SqliteFiles, folder: Path) -> None:
    with sqlite_files.fresh() as url:
        AnyOrder.url, AnyOrder.folder = url, folder
        profile = settings(
            max_examples=60,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize=True,
        )
        run_state_machine_as_test(AnyOrder, settings=profile)


async def test_a_merge_that_forgets_a_stop_is_caught(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(session: ReadSession, *ids: int) -> set[ConsentKind]:
        return set()

    monkeypatch.setattr(merge, "_stopped", nobody)
    with pytest.raises(AssertionError):
        await test_merges.test_a_stop_outlives_a_later_yes_in_the_other_file(database, clock)


def test_an_import_that_overrides_a_stop_is_caught(
    sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newest_wins(session: ReadSession, ids: list[int]) -> dict[int, dict[ConsentKind, consents.Standing]]:
        found = {one: dict.fromkeys(ConsentKind, consents.NEVER_ASKED) for one in ids}
        query = select(Consent).where(Consent.customer_id.in_(ids))
        for row in await session.scalars(query.order_by(Consent.id)):
            found[row.customer_id][row.kind] = consents.Standing(row.given, row.source, row.at, False)
        return found

    monkeypatch.setattr(consents, "current_of", newest_wins)
    with pytest.raises(AssertionError):
        play(sqlite_files, tmp_path)


async def test_an_erasure_that_looks_for_no_quotes_is_caught(
    database: Database, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world(database, tmp_path)
    monkeypatch.setattr(quotes, "quoting_columns", lambda metadata: iter(()))
    await erase(world.work, world.her_id, by="admin", now=clock.now())
    assert await rows_with(database, HERS) != {}

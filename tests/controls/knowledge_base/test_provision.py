"""A builder that claims again what it has built, which the test must catch."""

from pathlib import Path

import pytest

from core.database import Database
from knowledge_base.snapshot_store import SnapshotStore
from tests.integration.knowledge import test_provision
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock


async def claim_again(store: SnapshotStore, name: str) -> None:
    await store.claim(name, await store.built_at(name))


@pytest.mark.usefixtures("build_here")
async def test_claiming_anew_instead_of_keeping_ones_claim_is_caught(
    database: Database, clock: FakeClock, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SnapshotStore, "renew", claim_again)
    with pytest.raises(AssertionError):
        await test_provision.test_an_index_that_takes_long_to_load_stays_built(
            database, clock, write, tmp_path, monkeypatch
        )

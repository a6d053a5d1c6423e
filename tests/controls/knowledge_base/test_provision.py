"""Builders that claim again what they have built, or begin each time from nothing, which the tests must catch."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.database import Database
from knowledge_base.build_request import BuildRequest
from knowledge_base.plans import Plan
from knowledge_base.provision import Provision
from knowledge_base.snapshot_store import SnapshotStore
from tests.integration.knowledge import test_provision, test_serving
from tests.integration.knowledge.conftest import OpenKnowledge, Write
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


@pytest.mark.usefixtures("build_here")
@pytest.mark.parametrize("forgotten", [{"previous": None}, {"vectors": {}}], ids=["index", "vectors"])
async def test_encoding_again_what_is_known_is_caught(
    forgotten: dict[str, Any],
    database: Database,
    clock: FakeClock,
    write: Write,
    open_knowledge: OpenKnowledge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = Provision._request

    async def forgetful(provision: Provision, plan: Plan) -> BuildRequest:
        return replace(await request(provision, plan), **forgotten)

    monkeypatch.setattr(Provision, "_request", forgetful)
    await test_serving.write_two_articles(write)
    with pytest.raises(AssertionError):
        await test_serving.test_an_edit_is_served_before_all_is_fitted_and_nothing_else_is_encoded(
            database, clock, open_knowledge, monkeypatch
        )

"""Ways around the gate, which the tests must catch."""

from datetime import datetime

import pytest

from core.database import Database, ReadSession
from core.settings import Settings
from knowledge_base import due_gate, gate
from knowledge_base.article_audit import Edit
from knowledge_base.checking import Gate, Name, Proposal, archiving_of
from knowledge_base.gate import GateRefused
from knowledge_base.labels import save_labels
from knowledge_base.values import LabelledExample
from tests.integration.knowledge import test_gate, test_publishing
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("build_here")


@pytest.fixture
async def shop(database: Database, clock: FakeClock, write: Write) -> None:
    """That of the gate's tests, with its labels."""
    await write("hours", "你们几点开门？", phrasings=["营业时间", "几点上班"])
    await write("return", "怎么退货？", phrasings=["退货流程", "可以退吗"])
    async with database.write() as session:
        labels = [LabelledExample(*pair, "zh") for pair in test_gate.ASKED]
        await save_labels(session, labels, Edit("Li", clock.now()))


@pytest.mark.usefixtures("shop")
async def test_a_gate_that_minds_no_loss_is_caught(
    database: Database, clock: FakeClock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_LOST", 1.0)
    monkeypatch.setattr(gate, "MOST_LOST_OF_CHANGED", 1.0)
    with pytest.raises(pytest.fail.Exception):
        await test_gate.test_a_worse_article_is_refused_with_the_questions_that_broke(
            database, clock, Gate(database, clock, settings)
        )


@pytest.mark.usefixtures("shop")
async def test_a_gate_that_holds_up_every_archiving_is_caught(
    database: Database, clock: FakeClock, settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def as_if_by_accident(session: ReadSession, key: str, language: str) -> Proposal:
        return Proposal(gone=(await archiving_of(session, key, language)).gone)

    monkeypatch.setattr(test_gate, "archiving_of", as_if_by_accident)
    with pytest.raises(GateRefused):
        await test_gate.test_what_is_archived_may_go_unless_another_article_answers_in_its_place(
            database, clock, Gate(database, clock, settings), write
        )


@pytest.mark.usefixtures("shop")
async def test_a_plan_that_is_never_looked_at_again_is_caught(
    database: Database, clock: FakeClock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(session: ReadSession, now: datetime) -> dict[datetime, list[Name]]:
        return {}

    monkeypatch.setattr(due_gate, "_planned", nothing)
    with pytest.raises(AssertionError):
        await test_publishing.test_what_has_become_worse_by_its_date_is_refused(database, clock, settings)

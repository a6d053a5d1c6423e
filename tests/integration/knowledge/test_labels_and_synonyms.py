"""The shop's own labelled questions and synonyms: kept in the database, moved as files."""

import asyncio
import json
from pathlib import Path

import pytest

from core.database import Database
from core.errors import InvalidInput
from knowledge_base.article_audit import Edit
from knowledge_base.labels import UnknownLabel, delete_label, find_labels, list_labels, save_labels
from knowledge_base.plans import read_plan
from knowledge_base.synonyms import SynonymsMoved, list_synonyms, name_of, replace_synonyms
from knowledge_base.values import LabelledExample
from tests.integration.knowledge.conftest import Write
from tests.support.clock import FakeClock
from tests.support.command_line import CommandLine


@pytest.mark.db
async def test_a_label_is_kept_once_and_may_change_its_mind(database: Database, clock: FakeClock) -> None:
    first = [LabelledExample("营业到几点", "hours"), LabelledExample("买飞机", None, "zh")]
    async with database.write() as session:
        assert await save_labels(session, first, Edit("Li", clock.now())) == (2, 0, 0)
        again = [LabelledExample("营业到几点", "closing"), LabelledExample("买飞机", None)]
        assert await save_labels(session, again, Edit("Li", clock.now())) == (0, 1, 1)

    async with database.read() as session:
        assert [(e.question, e.article, e.language) for e in await list_labels(session)] == [
            ("营业到几点", "closing", "zh"),
            ("买飞机", None, "zh"),
        ]


@pytest.mark.db
async def test_a_label_is_taken_back_by_its_id(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        await save_labels(session, [LabelledExample("营业到几点", "hours")], Edit("Li", clock.now()))
        (row,) = await find_labels(session)
        await delete_label(session, row.id, Edit("Li", clock.now()))
        with pytest.raises(UnknownLabel):
            await delete_label(session, row.id, Edit("Li", clock.now()))


@pytest.mark.db
async def test_other_synonyms_mean_another_snapshot(database: Database, clock: FakeClock, write: Write) -> None:
    await write("return", "怎么退货？")
    async with database.read() as session:
        before = (await read_plan(session, clock.now(), "none")).name

    async with database.write() as session:
        await replace_synonyms(session, [["退货", " 退回去 ", "退货"]], Edit("Li", clock.now()))

    async with database.read() as session:
        plan = await read_plan(session, clock.now(), "none")
    assert plan.name != before
    assert plan.synonyms == (("退货", "退回去"),)


@pytest.mark.db
async def test_a_group_of_one_word_is_refused(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        with pytest.raises(InvalidInput, match=r"items\.1: needs two words"):
            await replace_synonyms(session, [["a", "b"], ["c"]], Edit("Li", clock.now()))
        assert await list_synonyms(session) == ()


@pytest.fixture
def kefu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.setenv("KEFU_EMBEDDER", "none")
    return CommandLine(tmp_path, monkeypatch, capsys)


def test_labels_move_as_files(kefu: CommandLine) -> None:
    rows = [{"question": "营业到几点", "article": "hours"}, {"question": "=买飞机", "article": None}, {"question": ""}]
    Path("labels.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")

    assert kefu("kb", "labels", "import", "labels.jsonl", "--dry-run", "--json").json["created"] == 2
    imported = kefu("kb", "labels", "import", "labels.jsonl", "--json")

    assert (imported.code, imported.json["created"], imported.json["rejected"]) == (1, 2, 1)
    listed = kefu("kb", "labels", "list", "--json").json["items"]
    assert [(row["question"], row["article"]) for row in listed] == [("营业到几点", "hours"), ("=买飞机", None)]
    kefu("kb", "labels", "export", "out.csv")
    assert kefu("kb", "labels", "import", "out.csv", "--json").json["unchanged"] == 2


@pytest.mark.db
async def test_of_two_who_replace_the_list_that_they_read_one_is_told(database: Database, clock: FakeClock) -> None:
    edit = Edit("Li", clock.now())
    async with database.write() as session:
        base = name_of(await replace_synonyms(session, [["退款", "退钱"]], edit))

    async def replaces(*group: str) -> bool:
        try:
            async with database.write() as session:
                await replace_synonyms(session, [group], edit, base)
        except SynonymsMoved:
            return False
        return True

    done = await asyncio.gather(replaces("快递", "物流"), replaces("refund", "money back"))
    assert sorted(done) == [False, True]
    async with database.read() as reading:
        left = await list_synonyms(reading)
    assert left == ((("快递", "物流"),) if done[0] else (("refund", "money back"),))


def test_synonyms_move_as_files(kefu: CommandLine) -> None:
    Path("synonyms.csv").write_text("同义词\n退款|退钱\n快递|物流|包裹\n", "utf-8")

    assert kefu("kb", "synonyms", "import", "synonyms.csv", "--json").json["created"] == 2
    kefu("kb", "synonyms", "export", "out.xlsx")

    assert kefu("kb", "synonyms", "import", "out.xlsx", "--json").json["unchanged"] == 2
    assert kefu("kb", "synonyms", "list", "--json").json == {
        "items": [{"words": ["退款", "退钱"]}, {"words": ["快递", "物流", "包裹"]}]
    }

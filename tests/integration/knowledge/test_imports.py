"""An owner's file goes in as it is, comes in once, and what cannot be used comes back with the reason."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from core.database import Database
from core.errors import InvalidInput
from core.import_report import ImportReport
from knowledge_base.articles import StoredArticle
from knowledge_base.files import ArticleFiles, ImportOptions
from knowledge_base.models import ArticleVersion
from knowledge_base.repository import ArticleFilter, list_articles
from knowledge_base.values import Audience
from tests.integration.knowledge.conftest import Write

pytestmark = pytest.mark.db
Import = Callable[..., Awaitable[ImportReport]]
Stored = Callable[[], Awaitable[dict[tuple[str, str], StoredArticle]]]


@pytest.fixture
def take(files: ArticleFiles, tmp_path: Path) -> Import:
    """Imports text or rows: `take("问题,答案\\n...", strict=True)`."""

    async def run(content: str | bytes, name: str = "faq.csv", **options: Any) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        plan = await files.plan(path, ImportOptions(**options))
        return await files.apply(plan, "Li")

    return run


@pytest.fixture
def stored(database: Database) -> Stored:
    async def read() -> dict[tuple[str, str], StoredArticle]:
        async with database.read() as session:
            rows = await list_articles(session, ArticleFilter())
        return {(article.key, article.language): StoredArticle(article, row) for article, row in rows}

    return read


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


async def test_an_owners_sheet_needs_no_key_no_language_and_no_status(take: Import, stored: Stored) -> None:
    report = await take("问题,答案,分类,相似问法\n几点开门？,九点,店铺,营业时间|几点关门\nDo you ship abroad?,Yes.,,\n")

    assert counts(report) == (2, 0, 0, 0)
    assert report.applied
    there = await stored()
    assert set(there) == {("几点开门", "zh"), ("do-you-ship-abroad", "en")}
    hours = there["几点开门", "zh"]
    assert (hours.article.status, hours.article.published_version) == ("published", 1)
    assert (hours.content.category, hours.content.phrasings) == ("店铺", ("营业时间", "几点关门"))
    assert (hours.row.author, hours.row.note) == ("Li", "import faq.csv")


async def test_the_same_file_again_changes_nothing(take: Import, database: Database) -> None:
    content = "问题,答案\n几点开门？,九点\n怎么退货？,七天内\n"
    await take(content)

    assert counts(await take(content)) == (0, 0, 2, 0)

    async with database.read() as session:
        assert len(list(await session.scalars(select(ArticleVersion)))) == 2


async def test_a_changed_answer_is_a_new_version_that_is_live(take: Import, stored: Stored) -> None:
    await take("问题,答案\n几点开门？,九点\n")

    report = await take("问题,答案\n几点开门?,十点\n")

    assert counts(report) == (0, 1, 0, 0)
    article = (await stored())["几点开门", "zh"].article
    assert (article.version, article.published_version) == (2, 2)


async def test_columns_that_the_file_lacks_leave_the_article_as_it_is(take: Import, stored: Stored) -> None:
    await take("编号,问题,答案,标签,相似问法\nhours,几点开门？,九点,店铺,营业时间\n")

    await take("key,question,answer,phrasings\nhours,几点开门？,十点,\n")

    content = (await stored())["hours", "zh"].content
    assert (content.answer, content.tags, content.phrasings) == ("十点", ("店铺",), ())


async def test_two_languages_side_by_side_become_one_key(take: Import, stored: Stored) -> None:
    await take(
        "问题,答案,问题（英文）,答案（英文）,分类\n"
        "几点开门？,九点,When do you open?,At nine.,店铺\n"
        "怎么退货？,七天内,,,售后\n"
    )

    there = await stored()

    assert set(there) == {("几点开门", "zh"), ("几点开门", "en"), ("怎么退货", "zh")}
    assert there["几点开门", "en"].content.answer == "At nine."
    assert there["几点开门", "en"].content.category == "店铺"


async def test_a_row_without_key_finds_the_article_that_asks_the_same(
    take: Import, write: Write, stored: Stored
) -> None:
    await write("opening-hours", "几点开门？")

    report = await take("问题,答案\n幾點開門,十点\n")

    assert counts(report) == (0, 1, 0, 0)
    assert set(await stored()) == {("opening-hours", "zh")}


async def test_a_long_question_gets_a_short_key_that_stays_the_same(take: Import, stored: Stored) -> None:
    question = "我想问一下，" * 20 + "怎么退货？"
    await take(f"问题,答案\n{question},七天内\n")
    assert counts(await take(f"问题,答案\n{question},七天内\n")) == (0, 0, 1, 0)
    ((key, _),) = await stored()
    assert len(key) < 80


async def test_rows_that_repeat_a_question_add_their_phrasings(take: Import, stored: Stored) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in (["问题", "答案", "相似问法"], ["几点开门？", "九点", "营业时间"], [None, None, "几点关门"]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    path = Path("merged.xlsx")
    data = _saved(workbook)

    report = await take(data, path.name)

    assert counts(report) == (1, 0, 0, 0)
    assert (await stored())["几点开门", "zh"].content.phrasings == ("营业时间", "几点关门")


def _saved(workbook: Workbook) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


BAD_ROWS = (
    "编号,语言,问题,答案,状态,失效日期,对象,相关\n"
    "a,zh,好的,好,,,,\n"
    "b,zh,,没有问题,,,,\n"
    "c,zh,没有答案,,,,,\n"
    "d,de,Wann?,Um neun,,,,\n"
    "e,zh,状态不对,好,maybe,,,\n"
    "f,zh,日期不对,好,,2026-02-30,,\n"
    "g,zh,对象不对,好,,,王先生,\n"
    "h,zh,相关不对,好,,,,x/y\n"
    f"i,zh,太长,{'长' * 20_001},,,,\n"
    "a,zh,好的,不好,,,,\n"
    "j/k,zh,编号不对,好,,,,\n"
)


async def test_bad_rows_come_back_with_row_column_and_reason(take: Import, stored: Stored, tmp_path: Path) -> None:
    report = await take(BAD_ROWS)

    assert [(r.row, r.column, r.reason) for r in report.rejections] == [
        (3, "question", "is missing"),
        (4, "answer", "is missing"),
        (5, "language", "'de' is not known: write zh or en"),
        (6, "status", "'maybe' is not known: write draft, review, published or archived"),
        (7, "valid_until", "'2026-02-30' is no date: write 2026-03-01 or 2026-03-01T09:00:00+08:00"),
        (8, "audience", "'王先生' is not known: write customer or agent"),
        (9, "related", "must not be empty nor hold / | or invisible characters"),
        (10, "answer", "is too long: 20,001 characters, at most 20,000"),
        (11, "answer", "row 2 gives the same question another answer"),
        (12, "key", "must not be empty nor hold / | or invisible characters"),
    ]
    assert set(await stored()) == {("a", "zh")}
    assert report.rejected_file == str(tmp_path / "faq.csv.rejected.csv")


async def test_the_file_of_rejected_rows_can_be_mended_and_imported(
    take: Import, stored: Stored, tmp_path: Path
) -> None:
    await take("编号,问题,答案,状态\na,一,1,\nb,=二,2,maybe\n")
    rejected = (tmp_path / "faq.csv.rejected.csv").read_text("utf-8-sig")

    report = await take(rejected.replace("maybe", "draft", 2), "mended.csv")

    assert counts(report) == (1, 0, 0, 0)
    assert report.warnings == []
    assert (await stored())["b", "zh"].content.question == "=二"


async def test_strict_means_all_or_nothing(take: Import, stored: Stored) -> None:
    report = await take("问题,答案\n一,1\n二,\n", strict=True)

    assert (report.applied, report.rejected) == (False, 1)
    assert await stored() == {}


async def test_a_dry_run_says_what_would_be_done_and_does_nothing(take: Import, stored: Stored, tmp_path: Path) -> None:
    await take("问题,答案\n一,1\n二,2\n")
    before = await stored()

    report = await take("问题,答案\n一,1\n二,3\n四,4\n五,\n", "other.csv", dry_run=True, archive_missing=True)

    assert (report.applied, *counts(report)) == (False, 1, 1, 1, 1)
    assert (await stored()).keys() == before.keys()
    assert not (tmp_path / "other.csv.rejected.csv").exists()


async def test_what_the_file_no_longer_has_is_archived_when_asked(take: Import, stored: Stored) -> None:
    await take("问题,答案\n一,1\n二,2\n")

    report = await take("问题,答案\n一,1\n", archive_missing=True)

    assert (report.unchanged, report.archived) == (1, 1)
    assert {key: one.article.status.value for (key, _), one in (await stored()).items()} == {
        "一": "published",
        "二": "archived",
    }
    assert counts(await take("问题,答案\n一,1\n二,2\n")) == (0, 1, 1, 0)  # and comes back when it is there again


async def test_nothing_is_archived_while_rows_are_bad(take: Import, stored: Stored) -> None:
    await take("问题,答案\n一,1\n二,2\n")

    report = await take("问题,答案\n一,1\n二,\n", archive_missing=True)

    assert report.archived == 0
    assert "nothing is archived" in report.warnings[0]


async def test_json_lines_are_taken_as_they_are_exported(take: Import, stored: Stored) -> None:
    document = {
        "key": "hours",
        "language": "zh",
        "question": "几点开门？",
        "phrasings": ["a|b", "营业时间"],
        "answer": "九点\n- 周末十点",
        "tags": [],
        "status": "draft",
        "audience": "agent",
        "complaint_topic": True,
        "valid_until": "2026-03-31",
    }

    report = await take(json.dumps(document), "faq.jsonl")

    assert counts(report) == (1, 0, 0, 0)
    content = (await stored())["hours", "zh"].content
    assert content.phrasings == ("a|b", "营业时间")
    assert (content.audience, content.complaint_topic) == (Audience.AGENT, True)
    assert content.valid_until is not None
    assert content.valid_until.isoformat() == "2026-03-31T16:00:00+00:00"  # the last day is included, in Hangzhou


@pytest.mark.parametrize("extension", ["csv", "xlsx", "jsonl"])
async def test_what_is_exported_comes_back_without_a_loss(
    take: Import, write: Write, files: ArticleFiles, stored: Stored, tmp_path: Path, extension: str
) -> None:
    await write("hours", "=几点开门？", phrasings=["-5度", "a|b", "'引号"], tags=["@店"], category="＋店铺")
    await write("hours", "When?", language="en", status="draft", related=["return"], audience="agent")
    await write("sale", "有优惠吗？", valid_from="2026-03-01T00:00:00+08:00", valid_until="2026-03-05T12:34:56Z")
    await write("old", "以前的？\n第二行", status="review", complaint_topic=True)
    before = {name: one.content for name, one in (await stored()).items()}
    path = tmp_path / f"out.{extension}"

    assert await files.export(path) == 4
    report = await take(path.read_bytes(), f"in.{extension}")

    assert counts(report) == (0, 0, 4, 0)
    assert {name: one.content for name, one in (await stored()).items()} == before


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
async def test_no_exported_cell_is_a_formula(write: Write, files: ArticleFiles, tmp_path: Path, extension: str) -> None:
    texts = ["=1+1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a"]
    await write("evil", "=cmd()", phrasings=texts[1:], answer="=HYPERLINK(1)", category="-x", tags=["@x"])
    path = tmp_path / f"out.{extension}"

    await files.export(path)

    if extension == "csv":
        cells = [cell for line in path.read_text("utf-8-sig").splitlines() for cell in line.split(",")]
    else:
        cells = [str(cell.value) for row in load_workbook(path).worksheets[0].iter_rows() for cell in row if cell.value]
        kinds = {cell.data_type for row in load_workbook(path).worksheets[0].iter_rows() for cell in row}
        assert "f" not in kinds
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))]


async def test_a_file_that_lacks_a_column_changes_nothing(take: Import, stored: Stored) -> None:
    with pytest.raises(InvalidInput, match=r"lacks the column answer \(答案\)"):
        await take("问题,备注\n一,1\n")
    assert await stored() == {}


async def test_a_cell_of_five_megabytes_spoils_one_row(take: Import, stored: Stored) -> None:
    report = await take(f"问题,答案\n一,1\n二,{'x' * 5_000_000}\n")
    assert [r.reason for r in report.rejections] == ["is too long: 5,000,000 characters, at most 20,000"]
    assert set(await stored()) == {("一", "zh")}

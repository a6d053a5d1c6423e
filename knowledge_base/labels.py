"""Labelled questions: a question, and the article that answers it or nothing does."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from core.database import ReadSession
from core.import_report import Rejection
from core.tables import Column, TableForm, TableRow, read_table
from knowledge_base.content import LANGUAGES, LONGEST_QUESTION
from knowledge_base.models import LabelledQuestion
from knowledge_base.values import LabelledExample

FORM = TableForm(
    (
        Column("question", ("问题", "q", "text", "utterance", "问")),
        Column("article", ("编号", "key", "article key", "答案编号", "文章", "label", "intent")),
        Column("language", ("语言", "lang", "语种")),
    ),
    required=(("question",), ("article",)),
)


def read_labels(
    path: Path, mapping: Mapping[str, str] | None = None
) -> tuple[list[LabelledExample], list[tuple[TableRow, Rejection]], list[str]]:
    """The labelled questions of a file, the rows that are none, and what was strange.

    Raises:
        UnreadableFile, InvalidInput
    """
    table = read_table(path, FORM, mapping)
    examples: list[LabelledExample] = []
    rejected: list[tuple[TableRow, Rejection]] = []
    for row in table.rows:
        reason = _wrong(row)
        if reason:
            rejected.append((row, Rejection.of(row, *reason)))
        else:
            texts = {column: str(cell).strip() for column, cell in row.cells.items()}
            language = texts.get("language", "").lower()[:2] or None
            examples.append(LabelledExample(texts["question"], texts.get("article") or None, language))
    return examples, rejected, table.warnings


def _wrong(row: TableRow) -> tuple[str | None, str] | None:
    """The column and the reason for which a row cannot be used."""
    if row.faults:
        return row.faults[0]
    question, language = str(row.cells.get("question", "")).strip(), str(row.cells.get("language", "")).strip()
    if not question:
        return "question", "is missing"
    if len(question) > LONGEST_QUESTION:
        return "question", f"is too long: {len(question):,} characters, at most {LONGEST_QUESTION:,}"
    if language and language.lower()[:2] not in LANGUAGES:
        return "language", f"{language!r} is not known: write zh or en"
    return None


async def list_labels(session: ReadSession) -> list[LabelledExample]:
    """The shop's own labelled questions."""
    rows = await session.scalars(select(LabelledQuestion).order_by(LabelledQuestion.id))
    return [LabelledExample(row.question, row.article, row.language) for row in rows]

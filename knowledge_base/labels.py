"""Labelled questions: a question, and the article that answers it or nothing does."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from core.database import ReadSession, WriteSession
from core.errors import InvalidInput, NotFound
from core.import_report import Rejection
from core.tables import Column, TableForm, TableRow, read_table
from knowledge_base import repository
from knowledge_base.article_audit import Changes, Edit
from knowledge_base.content import LANGUAGES, LONGEST_QUESTION
from knowledge_base.models import LabelledQuestion
from knowledge_base.text import fold, language_of
from knowledge_base.values import LabelledExample
from staff import audit

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


async def list_labels(session: ReadSession, without_sample: bool = False) -> list[LabelledExample]:
    """The shop's own labelled questions."""
    query = select(LabelledQuestion).order_by(LabelledQuestion.id)
    rows = await session.scalars(query.where(LabelledQuestion.sample.is_(False)) if without_sample else query)
    return [LabelledExample(row.question, row.article, row.language) for row in rows]


async def has_labels(session: ReadSession) -> bool:
    """Whether there are labelled questions that are the shop's own."""
    query = select(LabelledQuestion.id).where(LabelledQuestion.sample.is_(False))
    return await session.scalar(query.limit(1)) is not None


async def find_labels(
    session: ReadSession, limit: int | None = None, after: int | None = None
) -> list[LabelledQuestion]:
    """The rows, oldest first; `after`: the id to go on from."""
    query = select(LabelledQuestion).order_by(LabelledQuestion.id).limit(limit)
    return list(await session.scalars(query if after is None else query.where(LabelledQuestion.id > after)))


async def save_labels(
    session: WriteSession, examples: Sequence[LabelledExample], edit: Edit, dry_run: bool = False
) -> tuple[int, int, int]:
    """Adds labels, and gives those that are there another article; returns created, updated, unchanged."""
    wanted = {(e.language or language_of(fold(e.question)), e.question): e.article for e in examples}
    there = await _there(session, [question for _, question in wanted])
    changed = {
        name: there[name] for name, article in wanted.items() if name in there and there[name].article != article
    }
    new = [name for name in wanted if name not in there]
    if not dry_run:
        for name, row in changed.items():
            _move(session, row, wanted[name], edit)
        await _add(session, {name: wanted[name] for name in new}, edit)
    return len(new), len(changed), len(wanted) - len(new) - len(changed)


async def set_label(
    session: WriteSession,
    question: str,
    article: str | None,
    language: str | None,
    edit: Edit,
    *,
    must_exist: bool = False,
    customer_id: int | None = None,
) -> tuple[LabelledQuestion, bool]:
    """The label of one question, and whether it is new. `customer_id`: who asked it; what two asked is nobody's.

    Raises:
        InvalidInput: `must_exist`, and no article has this key.
    """
    if must_exist and article is not None and not await repository.find_keys(session, [article]):
        raise InvalidInput(f"there is no article {article!r}", {"article": "does not exist"})
    line = " ".join(question.split())[:LONGEST_QUESTION]
    name = (language or language_of(fold(line)), line)
    row = (await _there(session, [line])).get(name)
    if row is None:
        (row,) = await _add(session, {name: article}, edit)
        row.customer_id = customer_id
        return row, True
    if row.article != article:
        _move(session, row, article, edit)
    row.note = edit.note or row.note
    if customer_id not in (None, row.customer_id):
        row.customer_id = None
    await session.flush()
    return row, False


async def _add(
    session: WriteSession, wanted: Mapping[tuple[str, str], str | None], edit: Edit
) -> list[LabelledQuestion]:
    rows = [_new_label(name, article, edit) for name, article in wanted.items()]
    session.add_all(rows)
    await session.flush()
    for row in rows:
        _record(session, row, "create", edit, {"article": (None, row.article), "language": (None, row.language)})
    return rows


def _move(session: WriteSession, row: LabelledQuestion, article: str | None, edit: Edit) -> None:
    _record(session, row, "edit", edit, {"article": (row.article, article)})
    row.article, row.source, row.sample = article, edit.by, False


def _record(session: WriteSession, row: LabelledQuestion, action: str, edit: Edit, changes: Changes) -> None:
    """The question itself may be a customer's: it is named by its number."""
    audit.record(
        session,
        actor=edit.by,
        action=f"label.{action}",
        object=f"label:{row.id}",
        now=edit.now,
        changes=changes,
        note=edit.note,
    )


async def _there(session: ReadSession, questions: Sequence[str]) -> dict[tuple[str, str], LabelledQuestion]:
    """The rows that ask any of `questions`, by language and question."""
    found: dict[tuple[str, str], LabelledQuestion] = {}
    for portion in repository.sliced(questions):
        rows = await session.scalars(select(LabelledQuestion).where(LabelledQuestion.question.in_(portion)))
        found |= {(row.language, row.question): row for row in rows}
    return found


def _new_label(name: tuple[str, str], article: str | None, edit: Edit) -> LabelledQuestion:
    language, question = name
    return LabelledQuestion(
        question=question,
        article=article,
        language=language,
        source=edit.by,
        sample=False,
        note=edit.note,
        created_at=edit.now,
    )


async def delete_label(session: WriteSession, label_id: int, edit: Edit) -> None:
    """Raises UnknownLabel."""
    row = await session.get(LabelledQuestion, label_id)
    if row is None:
        raise UnknownLabel(f"there is no labelled question {label_id}")
    _record(session, row, "delete", edit, {"article": (row.article, None)})
    await session.delete(row)
    await session.flush()


class UnknownLabel(NotFound):
    code = "unknown_label"

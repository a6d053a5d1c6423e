"""What the rows of a file mean for the articles that are there: made, changed, or as they are already. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from core.import_report import Rejection
from core.tables import TableRow
from knowledge_base.article_form import ArticleRow, BadCell, folded_question, key_of
from knowledge_base.content import TO_WRITE, ArticleContent, problems
from knowledge_base.values import ArticleStatus

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """An article that is there: its newest words, its status, and whether customers get just these words."""

    content: ArticleContent
    status: ArticleStatus
    is_live: bool


class Change(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one article."""

    change: Change
    content: ArticleContent
    status: ArticleStatus


@dataclass(slots=True)
class Wanted:
    """The articles of a file by key and language, and the rows that were left out."""

    articles: dict[Name, ArticleRow] = field(default_factory=dict)
    rejected: list[tuple[TableRow, Rejection]] = field(default_factory=list)

    def reject(self, row: TableRow, column: str | None, reason: str) -> None:
        self.rejected.append((row, Rejection.of(row, column, reason)))


def gather(rows: Iterable[Sequence[ArticleRow]], keys: Mapping[Name, str], wanted: Wanted) -> None:
    """Adds rows (each with its languages) to `wanted`. `keys`: of articles by language and folded question.

    Rows that say the same article again add their phrasings; one that gives it another answer is left out.
    """
    for parts in rows:
        key = _key_of(parts, keys)
        for part in parts:
            name = (key, part.language)
            first = wanted.articles.get(name)
            if first is None:
                wanted.articles[name] = replace(part, key=key)
            elif first.fields["answer"] == part.fields["answer"]:
                wanted.articles[name] = _joined(first, part)
            else:
                where = f"row {first.row.number}" + (f" of {first.row.sheet}" if first.row.sheet else "")
                wanted.reject(part.row, part.columns["answer"], f"{where} gives the same question another answer")


def _key_of(parts: Sequence[ArticleRow], keys: Mapping[Name, str]) -> str:
    """The key that the row gives, that of an article with this question, or one made from the question."""
    if parts[0].key:
        return parts[0].key
    for part in parts:
        if found := keys.get((part.language, folded_question(part.question))):
            return found
    return key_of(parts[0].question)


def _joined(first: ArticleRow, again: ArticleRow) -> ArticleRow:
    texts = (*first.fields.get("phrasings", ()), again.question, *again.fields.get("phrasings", ()))
    phrasings = tuple(dict.fromkeys(text for text in texts if text != first.question))
    return replace(first, fields={**first.fields, "phrasings": phrasings}) if phrasings else first


def decide(row: ArticleRow, known: Known | None, *, four_eyes: bool = False) -> Decision:
    """What becomes of the article. Columns that the file does not have leave it as it is.

    `four_eyes`: what the file would publish waits for somebody else's review instead.

    Raises:
        BadCell
    """
    content = _content(row, known)
    status = row.status
    if known is not None and content == known.content and known.is_live:
        return Decision(Change.UNCHANGED if status is known.status else Change.UPDATED, content, status)
    if status is ArticleStatus.PUBLISHED and (four_eyes or content.answer in TO_WRITE.values()):
        status = ArticleStatus.REVIEW
    is_same = known is not None and (content, status) == (known.content, known.status)
    is_same = is_same and status is not ArticleStatus.PUBLISHED
    change = Change.CREATED if known is None else Change.UNCHANGED if is_same else Change.UPDATED
    return Decision(change, content, status)


def _content(row: ArticleRow, known: Known | None) -> ArticleContent:
    document: dict[str, Any] = known.content.model_dump() if known else {}
    try:
        return ArticleContent.model_validate(document | dict(row.fields))
    except ValidationError as error:
        path, reason = next(iter(problems(error).items()))
        name = path.split(".")[0]
        raise BadCell(row.columns.get(name), reason if name in row.columns else f"{name}: {reason}") from None

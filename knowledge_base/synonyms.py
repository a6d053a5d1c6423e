"""Words that mean the same in this shop: an editable list, part of what is served."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from sqlalchemy import delete, select

from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput
from core.import_report import Rejection
from core.table_values import split_list
from core.tables import Column, TableForm, TableRow, read_table
from knowledge_base import repository
from knowledge_base.article_audit import Edit
from knowledge_base.build_request import Synonyms
from knowledge_base.models import KnowledgeState, SynonymGroup
from staff import audit

FORM = TableForm((Column("words", ("同义词", "近义词", "synonyms", "synonym", "词语")),), required=(("words",),))
LONGEST_WORD = 80
MOST_GROUPS = 5_000


async def list_synonyms(session: ReadSession) -> Synonyms:
    """The groups, in the order in which they were given."""
    rows = await session.scalars(select(SynonymGroup).order_by(SynonymGroup.id))
    return tuple(tuple(row.words) for row in rows)


class SynonymsMoved(Conflict):
    """Somebody else changed the list since it was read."""

    code = "stale_version"


def name_of(groups: Synonyms) -> str:
    """Tells one state of the list from another."""
    return sha256(json.dumps(groups, ensure_ascii=False).encode()).hexdigest()


async def replace_synonyms(
    session: WriteSession, groups: Iterable[Sequence[str]], edit: Edit, base: str | None = None
) -> Synonyms:
    """The whole list anew; every process searches with it within two seconds.

    `base`: `name_of` the list that was read; None replaces whatever there is.

    Raises:
        InvalidInput: names the group that is none.
        SynonymsMoved: the list is not `base` any more.
    """
    wanted = tuple(tuple(dict.fromkeys(word.strip() for word in group if word.strip())) for group in groups)
    wrong = {f"items.{i}": reason for i, group in enumerate(wanted) if (reason := wrong_group(group))}
    if len(wanted) > MOST_GROUPS:
        wrong["items"] = f"has too many entries: at most {MOST_GROUPS:,}"
    if wrong:
        raise InvalidInput("; ".join(f"{path}: {reason}" for path, reason in wrong.items()), wrong)
    # One list, written as a whole: whoever replaces it waits for the one before.
    await session.get(KnowledgeState, 1, with_for_update=True)
    before = await list_synonyms(session)
    if base is not None and base != name_of(before):
        raise SynonymsMoved("somebody changed the words that mean the same after you opened them")
    if wanted == before:
        return before
    await session.execute(delete(SynonymGroup))
    session.add_all(SynonymGroup(words=list(group), author=edit.by, created_at=edit.now) for group in wanted)
    changes = {"groups": (len(before), len(wanted))}
    audit.record(session, actor=edit.by, action="synonyms.replace", object="synonyms:1", now=edit.now, changes=changes)
    await session.flush()
    await repository.touch(session, edit.now)
    return wanted


def wrong_group(words: Sequence[str]) -> str | None:
    """Why `words` cannot be a group."""
    if len(words) < 2:
        return "needs two words at least, as in 退款|退钱"
    if any(len(word) > LONGEST_WORD or not word.isprintable() for word in words):
        return f"has a word of more than {LONGEST_WORD} letters, or an invisible one"
    return None


def read_synonyms(
    path: Path, mapping: Mapping[str, str] | None = None
) -> tuple[list[tuple[str, ...]], list[tuple[TableRow, Rejection]], list[str]]:
    """The groups of a file, the rows that are none, and what was strange.

    Raises:
        UnreadableFile, InvalidInput
    """
    table = read_table(path, FORM, mapping)
    groups: list[tuple[str, ...]] = []
    rejected: list[tuple[TableRow, Rejection]] = []
    for row in table.rows:
        cell = row.cells.get("words", "")
        words = split_list(cell) if isinstance(cell, str) else cell if isinstance(cell, tuple) else ()
        reason = row.faults[0][1] if row.faults else wrong_group(words)
        if reason:
            rejected.append((row, Rejection.of(row, "words", reason)))
        else:
            groups.append(tuple(words))
    return groups, rejected, table.warnings

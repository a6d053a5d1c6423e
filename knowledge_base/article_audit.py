"""What the audit book says of articles: who changed which fields of which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.database import WriteSession
from knowledge_base.content import ArticleContent
from staff import audit

_SHOWN = 200
_EMPTY: tuple[object, ...] = ("", [], None, False)

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Edit:
    """Who changes something, when, and why. `four_eyes`: nobody publishes what they wrote themselves."""

    by: str
    now: datetime
    note: str | None = None
    four_eyes: bool = False


def record(session: WriteSession, name: tuple[str, str], action: str, edit: Edit, changes: Changes) -> None:
    """One entry; `name` is the article's key and language."""
    key, language = name
    audit.record(
        session,
        actor=edit.by,
        action=f"article.{action}",
        object=f"article:{key}:{language}",
        now=edit.now,
        changes=changes,
        note=edit.note,
    )


def differences(before: ArticleContent | None, after: ArticleContent) -> dict[str, tuple[Any, Any]]:
    """Each field that differs, long texts by their beginnings; of a new article every field that says something."""
    new = after.model_dump(mode="json")
    if before is None:
        return {field: (None, _short(value)) for field, value in new.items() if value not in _EMPTY}
    old = before.model_dump(mode="json")
    return {field: (_short(old[field]), _short(new[field])) for field in old if old[field] != new[field]}


def _short(value: Any) -> Any:
    return value[:_SHOWN] if isinstance(value, str) else value

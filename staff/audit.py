"""The book of who changed what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from core.database import ReadSession, WriteSession
from staff.models import AuditEntry


def record(
    session: WriteSession,
    *,
    actor: str,
    action: str,
    object: str,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str | None = None,
) -> None:
    """Adds one entry. `object` is `kind:id`; `changes` maps a field to (before, after), personal data left out."""
    listed = {field: [before, after] for field, (before, after) in (changes or {}).items()}
    session.add(AuditEntry(at=now, actor=actor, action=action, object=object, changes=listed, note=note))


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are listed; None does not narrow. `object`: a thing, or the kind or beginning of its name."""

    actor: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_entries(
    session: ReadSession, wanted: AuditFilter, limit: int, before: int | None = None
) -> list[AuditEntry]:
    """Newest first; `before`: the id to go on from. Entries of `until` itself are left out."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if wanted.actor is not None:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.object is not None:
        inside = AuditEntry.object.startswith(f"{wanted.object}:", autoescape=True)
        query = query.where(or_(AuditEntry.object == wanted.object, inside))
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return list(await session.scalars(query if before is None else query.where(AuditEntry.id < before)))

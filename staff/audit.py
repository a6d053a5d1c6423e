"""The book of who changed what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.database import WriteSession
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

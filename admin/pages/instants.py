"""Times as people type them on a page, in the shop's zone. Pure."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form

from core.errors import InvalidInput

#: The value of an input of the type `datetime-local`.
LocalTime = Annotated[str, Form(max_length=30)]
_FORMAT = "%Y-%m-%dT%H:%M"
_MORNING = time(10)


def read_local(typed: str, zone: ZoneInfo, field: str) -> datetime:
    """`2026-11-27T10:00` in the shop's zone, in UTC. Raises InvalidInput, which names `field`."""
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{typed!r} is no day and hour", {field: "is no day and hour"}) from None


def as_typed(instant: datetime, zone: ZoneInfo) -> str:
    """How a form shows an instant."""
    return instant.astimezone(zone).strftime(_FORMAT)


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """What is put aside usually comes back then."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), _MORNING, zone)

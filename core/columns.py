"""Column types that keep their promises on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import JSON, DateTime, Dialect, Enum
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

#: How a column is treated when its customer asks to be forgotten: erased, kept (law, ledger) or none of theirs.
ERASE: dict[str, Literal["erase"]] = {"personal": "erase"}
KEEP: dict[str, Literal["keep"]] = {"personal": "keep"}
NONE: dict[str, Literal["none"]] = {"personal": "none"}
#: An address on the account named in the column `account` beside it: the row belongs to whoever has that address.
ADDRESS: dict[str, str] = {"personal": "erase", "holds": "address"}
#: Texts of many people, in which one may be quoted: whatever quotes them is blanked.
QUOTES: dict[str, str] = {"personal": "erase", "holds": "quotes"}
#: The id of a file in the store, which goes with the row.
FILE: dict[str, str] = {"personal": "none", "holds": "file"}
#: A reference that a merge leaves where it is.
STAYS: dict[str, bool] = {"stays": True}
#: For a table: its rows are deleted, not blanked.
DELETE: dict[str, Literal["delete"]] = {"personal": "delete"}

T = TypeVar("T")

JsonColumn = JSON().with_variant(JSONB(), "postgresql")


def erased_as(**states: str) -> dict[str, dict[str, str]]:
    """For a state column: what becomes of a state when the person is erased, as `pending="skipped"`."""
    return {"erased_as": states}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants in UTC. Refuses naive values, whose offset SQLite would drop silently."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(kind: type[StrEnum]) -> Enum:
    """Stores an enum's value as text, so that a new member needs no migration of a native type."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=40, values_callable=lambda e: [m.value for m in e]
    )


class Json(TypeDecorator[T], Generic[T]):
    """A value of a pydantic-describable type, stored as JSON and validated on both ways."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else JSON())

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return None if value is None else self._adapter.validate_python(value)

    def compare_values(self, x: Any, y: Any) -> bool:
        return bool(x == y)

"""Files that were joined, and people who were forgotten."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import ERASE, NONE, STAYS, JsonColumn
from core.database import Base, BigId


class Merge(Base):
    """`merged_id` was joined into `survivor_id`. `moved` lists row ids by `table.column`; both are needed to undo it.

    `before` holds the survivor's fields that the merge filled in.
    """

    __tablename__ = "merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True, info=STAYS)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True, info=STAYS)
    moved: Mapped[dict[str, Any]] = mapped_column(JsonColumn, info=NONE)
    before: Mapped[dict[str, Any]] = mapped_column(JsonColumn, info=ERASE)
    merged_by: Mapped[str] = mapped_column(String(80), info=NONE)
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Erasure(Base):
    """One customer's erasure: how far it is, and its receipt. It is unfinished until `finished_at`.

    `entry` names its line in the log. `customer_number` and `files` (with what was joined into it) are mere numbers, so
    that the row outlives what it speaks of.
    """

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry: Mapped[str] = mapped_column(String(80), unique=True)
    customer_number: Mapped[int] = mapped_column(BigInteger, index=True)
    files: Mapped[list[int]] = mapped_column(JsonColumn, info=NONE)
    salt: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[str] = mapped_column(String(80))
    steps_done: Mapped[list[str]] = mapped_column(default=list, info=NONE)
    receipt: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=NONE)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ErasedKey(Base):
    """A salted hash of something that an erased person was known by, so that no import brings them back."""

    __tablename__ = "erased_key"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasure.id"), index=True)

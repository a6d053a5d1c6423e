"""What a person has to do."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import ERASE, NONE, JsonColumn, enum_column, erased_as
from core.database import Base, BigId
from customers.values import TaskKind, TaskState


class Task(Base):
    """One thing to do for a customer by `due_at`. `dedupe_key` makes a reason count once; `subject` says what it is."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(enum_column(TaskKind))
    state: Mapped[TaskState] = mapped_column(
        enum_column(TaskState), default=TaskState.OPEN, info=erased_as(open="dropped", taken="dropped")
    )
    subject: Mapped[str] = mapped_column(String(80), info=NONE)
    text: Mapped[str | None] = mapped_column(Text, info=ERASE)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(160), unique=True, info=NONE)
    data: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict, info=ERASE)
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(80), info=NONE)

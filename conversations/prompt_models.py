"""What customers answered to follow-ups, as the conversation understood it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from conversations.prompts import AnswerKind
from core.columns import DELETE, ERASE, NONE, enum_column
from core.database import Base, BigId

_IS_NEW = "applied_at IS NULL"


class PromptAnswer(Base):
    """One answer; another of the same kind to the same question takes its place. `follow_up`: the number of the row.

    `value`: the score, or the id of the option; `words`: what was told. `applied_at`: the follow-up knows of it.
    """

    __tablename__ = "prompt_answer"
    __table_args__ = (
        UniqueConstraint("follow_up", "kind", "question"),
        Index("ix_prompt_answer_new", "id", sqlite_where=text(_IS_NEW), postgresql_where=text(_IS_NEW)),
        Index("ix_prompt_answer_programme_at", "programme", "at"),
        {"info": DELETE},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follow_up: Mapped[int] = mapped_column(BigInteger)
    programme: Mapped[str] = mapped_column(String(60), info=NONE)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[AnswerKind] = mapped_column(enum_column(AnswerKind))
    question: Mapped[int] = mapped_column(default=0)
    value: Mapped[str | None] = mapped_column(String(60), info=NONE)
    words: Mapped[str | None] = mapped_column(Text, info=ERASE)
    at: Mapped[datetime]
    applied_at: Mapped[datetime | None]

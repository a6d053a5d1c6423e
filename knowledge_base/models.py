"""Articles with their versions, what is built from them to be served, and the questions that were asked or labelled."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import DELETE, ERASE, NONE, Json, JsonColumn, enum_column
from core.database import Base, BigId
from knowledge_base.values import ArticleStatus, Audience, GroupState, Outcome, Thresholds


class Article(Base):
    """One text in one language, found by `key` + `language`. Its words lie in `ArticleVersion`.

    `version` is the newest (what people edit) and `status` is its state; `published_version` is the one that customers
    get, if any, while a newer one may still be a draft. `pending_*`: a version that waits to be published, and why;
    `pending_forced`: whatever the labelled questions say of it.
    """

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("key", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[ArticleStatus] = mapped_column(enum_column(ArticleStatus), index=True)
    version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int | None] = mapped_column(index=True)
    pending_version: Mapped[int | None]
    pending_at: Mapped[datetime | None] = mapped_column(index=True)
    pending_state: Mapped[str | None] = mapped_column(String(20))
    pending_detail: Mapped[str | None] = mapped_column(Text)
    pending_forced: Mapped[bool] = mapped_column(default=False, server_default=false())
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class ArticleVersion(Base):
    """The words of an article at one moment. Never changed after it is written. `digest` is that of its content."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    version: Mapped[int]
    question: Mapped[str] = mapped_column(Text)
    phrasings: Mapped[list[str]] = mapped_column(default=list)
    answer: Mapped[str] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(String(200))
    tags: Mapped[list[str]] = mapped_column(default=list)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    audience: Mapped[Audience] = mapped_column(enum_column(Audience), default=Audience.CUSTOMER)
    complaint_topic: Mapped[bool] = mapped_column(default=False)
    related: Mapped[list[str]] = mapped_column(default=list)
    file: Mapped[str | None] = mapped_column(String(200))
    author: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ArticleFile(Base):
    """A file that articles carry. Its bytes lie in the file store under its id; `digest`: their SHA-256."""

    __tablename__ = "article_file"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(250))
    media_type: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str | None] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class KnowledgeState(Base):
    """One row. `revision` grows with every change of what is served, so that a look at it tells whether to build."""

    __tablename__ = "knowledge_state"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    revision: Mapped[int] = mapped_column(default=0)
    thresholds: Mapped[Thresholds | None] = mapped_column(Json(Thresholds))
    figures: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    changed_at: Mapped[datetime]


class SnapshotRow(Base):
    """A snapshot that is being built or can be served, known by the hash of what goes into it.

    One process builds at a time, until `lease_until`; `files` lists name, size and chunks of what was built.
    """

    __tablename__ = "snapshot"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    builder: Mapped[str] = mapped_column(String(120))
    lease_until: Mapped[datetime]
    built_at: Mapped[datetime | None]
    files: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)


class SnapshotChunk(Base):
    """A piece of a snapshot's file, known by its SHA-256. Only on PostgreSQL, whose processes share no disk."""

    __tablename__ = "snapshot_chunk"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class QuestionGroup(Base):
    """Unanswered questions that mean the same. It outlives them: who dismissed it does not see it again.

    `vector` is the mean of what its first questions mean (float16), by the encoder named in `encoder`; `script`: in
    which letters they are written. `article`: the key of the one that was made or completed from it.
    """

    __tablename__ = "question_group"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[GroupState] = mapped_column(enum_column(GroupState), default=GroupState.OPEN, index=True)
    encoder: Mapped[str] = mapped_column(String(200))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    script: Mapped[int]
    members: Mapped[int] = mapped_column(default=1)
    article: Mapped[str | None] = mapped_column(String(200))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class QuestionLog(Base):
    """One question and what became of it. The text is masked before it is written.

    `ungrouped`: it went unanswered, or the answer did not help, and its group is still to be found.
    """

    __tablename__ = "question_log"
    __table_args__ = (
        Index("ix_question_log_outcome_at", "outcome", "at"),
        Index("ix_question_log_ungrouped", "id", sqlite_where=sql("ungrouped"), postgresql_where=sql("ungrouped")),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(8), info=NONE)
    text: Mapped[str] = mapped_column(Text, info=ERASE)
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome))
    confidence: Mapped[float]
    article: Mapped[str | None] = mapped_column(String(200), info=NONE)
    article_version: Mapped[int | None]
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JsonColumn, default=list, info=NONE)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    helpful: Mapped[bool | None]
    followed_by: Mapped[str | None] = mapped_column(String(40), info=NONE)
    ungrouped: Mapped[bool] = mapped_column(default=False, server_default=false())
    group_id: Mapped[int | None] = mapped_column(ForeignKey("question_group.id"), index=True)


class LabelledQuestion(Base):
    """A question whose right article is known; `article` None: nothing answers it.

    `customer_id`: whose words they are, where it was taken from a chat; it goes when they are erased.
    """

    __tablename__ = "labelled_question"
    __table_args__ = (UniqueConstraint("language", "question"), {"info": DELETE})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    question: Mapped[str] = mapped_column(String(1000))
    article: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    sample: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    created_at: Mapped[datetime]


class SynonymGroup(Base):
    """Words that mean the same to this shop's customers."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    words: Mapped[list[str]]
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]

"""Articles and searches, as scripts read them."""

from datetime import datetime

from pydantic import BaseModel, Field

from knowledge_base.values import ArticleStatus, Audience, Outcome


class PendingShape(BaseModel):
    version: int
    at: datetime | None
    state: str | None
    detail: str | None


class WarningShape(BaseModel):
    code: str
    article: str | None
    text: str


class ArticleShape(BaseModel):
    """The newest words of an article in one language; `published_version` is the one that customers get."""

    key: str = Field(examples=["shipping-time"])
    language: str = Field(examples=["zh"])
    question: str = Field(examples=["多久能送到？"])
    phrasings: list[str]
    answer: str
    category: str | None
    tags: list[str]
    status: ArticleStatus
    valid_from: datetime | None
    valid_until: datetime | None
    audience: Audience
    complaint_topic: bool
    related: list[str]
    file: str | None
    version: int
    published_version: int | None
    pending: PendingShape | None
    author: str
    note: str | None
    updated_at: datetime
    warnings: list[WarningShape]


class CandidateShape(BaseModel):
    article: str
    question: str
    score: float


class AlsoShape(BaseModel):
    article: str
    language: str
    version: int
    confidence: float
    answer: str


class SearchShape(BaseModel):
    """`outcome` is what the customer would see; at most three candidates, best first."""

    outcome: Outcome
    article: str | None
    language: str | None
    version: int | None
    confidence: float = Field(ge=0, le=1)
    answer: str | None
    also: list[AlsoShape] = Field(description="Answers to further questions in the same text.")
    candidates: list[CandidateShape]
    took_ms: float

"""What requests say about articles."""

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, Field

from admin.api.fields import Body, Line, Text, plain_line
from core.ids import MAX_ID
from knowledge_base.content import LONGEST_QUESTION, MOST_PHRASINGS
from knowledge_base.values import Audience

Tongue = Literal["zh", "en"]
InLanguage = Annotated[Tongue | None, Query(description="Default: the language it was first written in.")]
PathKey = Annotated[
    str, AfterValidator(plain_line), Path(min_length=1, max_length=200, alias="key", examples=["shipping-time"])
]
Version = Annotated[int, Field(ge=1, le=MAX_ID, description="The one that you read; an old one: 409.")]
Note = Annotated[Text, Field(max_length=500, examples=["新的快递公司"])]
#: A question as somebody may ask it.
Wording = Annotated[str, AfterValidator(plain_line), Field(min_length=1, max_length=LONGEST_QUESTION)]
AnswerText = Annotated[
    Text,
    Field(
        min_length=1,
        description="**bold**, `- ` lists, [words](https://...); {hours}, {address} and other facts of the shop.",
        examples=["下单后 24 小时内发货，2 到 4 天送到。营业时间：{hours}。"],
    ),
]
Reason = Annotated[
    Line,
    Field(min_length=1, max_length=500, description="Why it goes on although labelled questions are served worse."),
]
FileId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", examples=["up0123456789abcdef"])]


class _Words(Body):
    """What an article says, and what governs it; the form that `ArticleContent` checks."""

    phrasings: list[Wording] = Field(default=[], max_length=MOST_PHRASINGS, examples=[["几天能到", "什么时候发货"]])
    category: str = Field(default="", max_length=200, examples=["配送"])
    tags: list[Line] = Field(default=[], max_length=50)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    audience: Audience = Audience.CUSTOMER
    complaint_topic: bool = False
    related: list[Line] = Field(default=[], max_length=20, examples=[["shipping-cost"]])
    file: Annotated[FileId | None, Field(description="From `POST /files`.")] = None


class NewArticle(_Words):
    """A draft, unless `status` says that it is to be published at once."""

    key: Annotated[Line, Field(examples=["shipping-time"])]
    language: Tongue
    question: Annotated[Wording, Field(examples=["多久能送到？"])]
    answer: AnswerText
    status: Literal["draft", "review", "published"] = "draft"
    note: Note | None = None

    @property
    def words(self) -> dict[str, object]:
        return self.model_dump(exclude={"key", "language", "status", "note"})


class ArticlePatch(_Words):
    """What is not named stays. `status`: `review` asks for one, `draft` takes that or a dated publication back."""

    version: Version
    question: Wording = ""
    answer: AnswerText = ""
    status: Literal["draft", "review"] | None = None
    note: Note | None = None

    @property
    def words(self) -> dict[str, object]:
        """The fields that are to change."""
        return self.model_dump(exclude={"version", "status", "note"}, exclude_unset=True)


class Publication(Body):
    version: Version | None = None
    at: Annotated[
        AwareDatetime | None,
        Field(description="From then on; one that has passed: now.", examples=["2027-01-01T00:00:00+08:00"]),
    ] = None
    force_reason: Reason | None = None


class Rollback(Body):
    version: Annotated[int, Field(ge=1, le=2**31 - 1, description="Whose words are published again.", examples=[2])]
    note: Note | None = None
    force_reason: Reason | None = None

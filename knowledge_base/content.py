"""What an article says: its fields as one frozen value, checked the same wherever they come from."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from core.errors import InvalidInput
from core.shop_facts import SLOTS
from knowledge_base.placeholders import unknown_names
from knowledge_base.values import Audience, IndexedArticle

LANGUAGES = ("zh", "en")
LONGEST_QUESTION = 1000
LONGEST_ANSWER = 20_000
MOST_PHRASINGS = 200
#: What stands for the answer in a draft that was made from a question.
TO_WRITE: Mapping[str, str] = {"zh": "（答案待写）", "en": "(The answer is still to be written.)"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def _clean(text: str) -> str:
    """Trimmed; refuses characters that no keyboard types, such as NUL: databases and screens stumble over them."""
    if found := _CONTROL.search(text):
        raise ValueError(f"holds the control character U+{ord(found.group()):04X}")
    return text.replace("\r\n", "\n").strip()


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _each_once(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _known_names(answer: str) -> str:
    if unknown := unknown_names(answer):
        known = ", ".join(f"{{{name}}}" for name in sorted(SLOTS))
        raise ValueError(f"{{{unknown[0]}}} is no fact of the shop; known: {known}")
    return answer


Instant = Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
Line = Annotated[str, AfterValidator(_line)]
Wording = Annotated[str, Field(max_length=LONGEST_QUESTION), AfterValidator(_line)]
Word = Annotated[str, Field(max_length=80), AfterValidator(_line)]
#: What names an article in addresses, lists and files: no slash, no bar, nothing invisible, no space at the ends.
Key = Annotated[str, Field(max_length=200, pattern=r"^[^\s/|]([^/|\p{C}]*[^\s/|])?$")]


_KEY: TypeAdapter[str] = TypeAdapter(Key)


class ArticleContent(BaseModel):
    """The words of an article and what governs them. `valid_from` <= now < `valid_until` is when it may be served."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Annotated[Wording, Field(min_length=1)]
    answer: Annotated[
        str, Field(min_length=1, max_length=LONGEST_ANSWER), AfterValidator(_clean), AfterValidator(_known_names)
    ]
    phrasings: Annotated[tuple[Wording, ...], Field(max_length=MOST_PHRASINGS), AfterValidator(_each_once)] = ()
    category: Annotated[Line, Field(max_length=200)] = ""
    tags: Annotated[tuple[Word, ...], Field(max_length=50), AfterValidator(_each_once)] = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    audience: Audience = Audience.CUSTOMER
    complaint_topic: bool = False
    related: Annotated[tuple[Key, ...], Field(max_length=20), AfterValidator(_each_once)] = ()
    file: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.question or not self.answer:
            raise ValueError("an article has a question and an answer")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must be after valid_from")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of all fields: equal content, equal digest."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    def is_valid_at(self, now: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )

    def indexed(self, key: str, language: str, version: int) -> IndexedArticle:
        """The article as the search sees it."""
        return as_indexed(self, key, language, version)


def as_indexed(words: Any, key: str, language: str, version: int) -> IndexedArticle:
    """What the search sees of `words`: an `ArticleContent`, or a row whose columns are called alike."""
    return IndexedArticle(
        key=key,
        language=language,
        version=version,
        question=words.question,
        phrasings=tuple(words.phrasings),
        answer=words.answer,
        category=words.category or "",
        audience=words.audience,
        complaint_topic=words.complaint_topic,
        related=tuple(words.related),
        file=words.file,
    )


def checked(document: Mapping[str, object]) -> ArticleContent:
    """`document` as the content of an article.

    Raises:
        InvalidInput: names every field that is wrong.
    """
    try:
        return ArticleContent.model_validate(dict(document))
    except ValidationError as error:
        fields = problems(error)
        raise InvalidInput("; ".join(f"{path}: {reason}" for path, reason in fields.items()), fields) from None


def checked_key(key: str) -> str:
    """`key`, if it can name an article.

    Raises:
        InvalidInput
    """
    try:
        return _KEY.validate_python(key)
    except ValidationError as error:
        (reason,) = problems(error).values()
        raise InvalidInput(f"key {reason}", {"key": reason}) from None


def problems(error: ValidationError) -> dict[str, str]:
    """Each field that is wrong, with the reason in words."""
    found: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        path = ".".join(str(part) for part in problem["loc"]) or "article"
        found[path] = _in_words(problem)
    return found


def _in_words(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    match problem["type"]:
        case "missing" | "string_too_short":
            return "is missing"
        case "string_too_long":
            return f"is too long: {len(problem['input']):,} characters, at most {context['max_length']:,}"
        case "too_long":
            return f"has too many entries: at most {context['max_length']}"
        case "extra_forbidden":
            return "is not a field of an article"
        case "string_pattern_mismatch":
            return "must not be empty nor hold / | or invisible characters"
        case "value_error":
            return str(context["error"])
        case _:
            return problem["msg"][:1].lower() + problem["msg"][1:]


def digest_of(parts: Iterable[object]) -> str:
    """SHA-256 of values that JSON can write, in their order."""
    return sha256(json.dumps(list(parts), ensure_ascii=False, default=str).encode()).hexdigest()

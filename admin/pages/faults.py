"""What went wrong, as whoever looks at a page reads it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError

from admin.pages.wording import words
from core.errors import KefuError
from staff.words import error_words

#: How a field is wrong, by what the form's reader says of it.
_REASONS = {
    "missing": "fault_missing",
    "string_too_short": "fault_missing",
    "string_too_long": "fault_too_long",
    "int_parsing": "fault_number",
    "greater_than_equal": "fault_number",
    "less_than_equal": "fault_number",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`said` in the reader's language; `fields` by their names on the page; `detail`: more of it, in English."""

    code: str
    said: str
    fields: tuple[str, ...] = ()
    detail: str | None = None


def of_error(error: KefuError, language: str) -> Fault:
    fields: Any = error.data.get("fields") or ()
    return Fault(error.code, error_words(error.code, language), tuple(_named(fields, words(language))), error.detail)


def of_code(code: str, language: str) -> Fault:
    return Fault(code, error_words(code, language))


def of_form(error: RequestValidationError, language: str) -> Fault:
    """Fields that a form lacks or has wrong."""
    say = words(language)
    listed = [(str(problem["loc"][-1]), str(problem["type"])) for problem in error.errors()]
    fields = [f"{_label(name, say)}: {say[_REASONS.get(kind, 'fault_other')]}" for name, kind in listed]
    return Fault("invalid_input", error_words("invalid_input", language), tuple(fields))


def _named(fields: Iterable[Mapping[str, str]], say: Mapping[str, str]) -> Iterable[str]:
    return dict.fromkeys(_label(field["path"].partition(".")[0], say) for field in fields)


def _label(name: str, say: Mapping[str, str]) -> str:
    return say.get(f"field_{name}") or say.get(name, name)

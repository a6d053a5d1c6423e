"""Rules as data: TOML texts of a few kinds, read into frozen models. Knows no database.

Every rule has an `id`, a condition of typed fields, an outcome, and a `because` in both languages.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import InvalidInput
from core.shop_facts import Localised

R = TypeVar("R", bound="RuleText")


class RuleText(BaseModel):
    """The base of every kind's rules. A misspelt condition is refused with its path."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Because(RuleText):
    """Why a rule decided as it did, for people, in both languages. Braces are values that the decision fills in."""

    zh: str
    en: str

    def text(self, language: str, values: Mapping[str, object] | None = None) -> str:
        return Localised(zh=self.zh, en=self.en).pick(language).format_map(_Lenient(values or {}))


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class RuleKind(Generic[R]):
    """`shipped` is the text that comes with the product; `check` adds what the model alone cannot see."""

    name: str
    model: type[R]
    shipped: str
    check: Callable[[R], Iterable[tuple[str, str]]] = field(default=lambda _rules: ())

    def parse(self, text: str) -> R:
        """Reads a text of this kind.

        Raises:
            InvalidInput: names each wrong place by its path, in words.
        """
        try:
            rules = self.model.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise InvalidInput(f"{self.name}: this is not TOML: {error}", {"text": str(error)}) from None
        except ValidationError as error:
            raise _refused(self.name, {_path(e["loc"]): _reason(e) for e in error.errors()}) from None
        faults = dict(self.check(rules))
        if faults:
            raise _refused(self.name, faults)
        return rules


def _refused(kind: str, faults: Mapping[str, str]) -> InvalidInput:
    listed = "; ".join(f"{path}: {reason}" for path, reason in faults.items())
    return InvalidInput(f"{kind}: {listed}", dict(faults))


def _path(location: tuple[int | str, ...]) -> str:
    """`("severity", 2, "when", "tier")` -> `severity[3].when.tier`, counting as people do."""
    path = ""
    for part in location:
        path += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _reason(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such name here"
    return str(error["msg"]).removeprefix("Value error, ")

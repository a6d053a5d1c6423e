"""One step of a programme: what it says or asks, what follows from each answer, what it gives. Pure."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from conversations.prompts import PromptOption, Then
from core.rule_texts import RuleText
from core.shop_facts import Localised
from tickets.rules import Amounts
from tickets.values import POINTS, GrantKind

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
_SLOT = re.compile(r"\{([^{}]*)\}")
#: What the line about a gift may name beside the usual.
_OF_GIFTS = frozenset({"amount", "day"})
#: A follow-up is one call: what is filled in and the line below have room beside so many characters.
_LONGEST = 3000


class Do(StrEnum):
    """A step says something, or asks a person to call."""

    SAY = "say"
    CALL = "call"


class Expects(StrEnum):
    """How the answer to a step is read. `later`: yes, or at another time."""

    SCORE = "score"
    SCORES = "scores"
    SOLVED = "solved"
    REASON = "reason"
    LATER = "later"
    POLL = "poll"


class ButtonRule(RuleText):
    """`then`: what follows from choosing it; `say`: what is said then, in place of the usual words."""

    id: Id
    label: Localised
    then: Then = Then.THANK
    say: Localised | None = None

    def as_option(self) -> PromptOption:
        return PromptOption(id=self.id, label=self.label, then=self.then, say=self.say)


class Gift(RuleText):
    """What the step gives, or one of its answers (`then = "gift"`): `amount` in whole units of each currency.

    `valid_days`: of a voucher. `every_days`: the least days between two gifts to one customer. `text`: the line that
    says so, where it was granted.
    """

    kind: Literal[GrantKind.VOUCHER, GrantKind.POINTS, GrantKind.GIFT]
    amount: Amounts = Field(min_length=1)
    valid_days: int = Field(90, ge=1, le=3660)
    every_days: int = Field(300, ge=0, le=3660)
    text: Localised | None = None


class Step(RuleText):
    """`days`: after the step before was sent; for the first, the programme's own count.

    `first_time` is added to the first follow-up of the programme that a customer gets.
    """

    days: int = Field(0, ge=0, le=3650)
    do: Do = Do.SAY
    text: Localised
    first_time: Localised | None = None
    expects: Expects | None = None
    questions: list[Localised] = Field(default_factory=list, max_length=10)
    buttons: list[ButtonRule] = Field(default_factory=list, max_length=10)
    gift: Gift | None = None


def check_step(path: str, step: Step, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What the shapes alone do not show: (path, reason). `allowed`: the placeholders of the programme's texts."""
    texts = [("text", step.text, allowed), ("first_time", step.first_time, allowed)]
    texts += [(f"questions[{n}]", text, allowed) for n, text in enumerate(step.questions, start=1)]
    if step.gift is not None:
        texts.append(("gift.text", step.gift.text, allowed | _OF_GIFTS))
    for name, text, known in texts:
        yield from _check_text(f"{path}.{name}", text, known)
    for language in ("zh", "en"):
        if sum(len(getattr(text, language)) for _, text, _ in texts if text is not None) > _LONGEST:
            yield f"{path}.text.{language}", f"is too long: with what stands below it at most {_LONGEST} characters"
    yield from _check_answers(path, step)
    if step.gift is not None:
        yield from _check_gift(f"{path}.gift", step, step.gift)


def _check_text(path: str, text: Localised | None, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    for language in ("zh", "en"):
        words = getattr(text, language) if text is not None else "-"
        if not words.strip():
            yield f"{path}.{language}", "is missing"
        for slot in _SLOT.findall(words):
            if slot not in allowed:
                yield f"{path}.{language}", f"{{{slot}}} is unknown; known: {', '.join(sorted(allowed))}"


def _check_answers(path: str, step: Step) -> Iterator[tuple[str, str]]:
    if (step.expects is Expects.SCORES) != bool(step.questions):
        yield f"{path}.questions", 'go with expects = "scores", and only with that'
    asks_scores = step.expects in (Expects.SCORE, Expects.SCORES)
    if asks_scores and step.buttons:
        yield f"{path}.buttons", "scores bring their own buttons: leave these out"
    if step.expects is not None and not asks_scores and not step.buttons:
        yield f"{path}.buttons", f"are missing: {step.expects.value} is answered by one of them"
    if any(button.then is Then.GIFT for button in step.buttons) and step.gift is None:
        yield f"{path}.gift", 'is missing: a button says then = "gift"'


def _check_gift(path: str, step: Step, gift: Gift) -> Iterator[tuple[str, str]]:
    in_points = set(gift.amount) == {POINTS}
    if (gift.kind is GrantKind.POINTS) != in_points:
        yield f"{path}.amount", f"points are counted in {POINTS}, all else in money"
    if step.do is Do.CALL:
        yield path, "a call gives nothing"
    is_for_answer = any(button.then is Then.GIFT for button in step.buttons)
    if step.expects is not None and not is_for_answer:
        yield path, 'goes with an answer here: let one of the buttons say then = "gift"'

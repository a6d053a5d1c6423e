"""To whom a ticket is given by itself. Pure: (who could, what it needs) -> one of them, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is there. `capacity`: how many tickets at most; `load`: how many they have to work on now.

    `knew`: has answered this customer before. `given_at`: when they were given a ticket last.
    """

    agent_id: int
    name: str
    capacity: int
    load: int
    language: str | None = None
    in_team: bool = True
    knew: bool = False
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What the ticket asks for. `passed_over`: names of those who had it and did not react."""

    language: str | None = None
    has_team: bool = False
    passed_over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets it; `because`: what decided among those with room (`knew`, `language`, `load`)."""

    to: Candidate
    because: str


def choose(candidates: Iterable[Candidate], needs: Needs) -> Given | None:
    """Whoever knows the customer, then speaks the language, then has the most room, then has waited longest.

    Nobody beyond their capacity, nobody outside the ticket's team, nobody twice who did not react.
    """
    able = [one for one in candidates if _can(one, needs)]
    if not able:
        return None
    best = min(able, key=lambda one: _rank(one, needs))
    if best.knew:
        return Given(best, "knew")
    return Given(best, "language" if needs.language and best.language == needs.language else "load")


def _can(one: Candidate, needs: Needs) -> bool:
    has_room = one.load < one.capacity
    return has_room and one.name not in needs.passed_over and (one.in_team or not needs.has_team)


def _rank(one: Candidate, needs: Needs) -> tuple[bool, bool, float, datetime, int]:
    speaks = needs.language is None or one.language == needs.language
    return (not one.knew, not speaks, one.load / one.capacity, one.given_at or _NEVER, one.agent_id)

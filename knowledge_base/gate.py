"""Whether a change may go to customers, by what it makes of the shop's own labelled questions. Pure."""

from dataclasses import dataclass

from core.errors import Conflict
from knowledge_base.comparing import Comparison, Verdict, pair_shape

#: What may be lost, net of what is won: of all labelled questions, and of those about the articles that are changed.
MOST_LOST = 0.005
MOST_LOST_OF_CHANGED = 0.1
_LISTED, _SAID = 20, 3


class GateRefused(Conflict):
    """The shop's labelled questions would be served worse. `data.questions` names those that broke."""

    code = "answers_worse"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is known of a change to the articles `changed`, looked at when what is served had this `revision`.

    `comparison` is None where there was nothing to measure by: no labels, or nothing served before.
    """

    revision: int
    changed: frozenset[str] = frozenset()
    comparison: Comparison | None = None

    @property
    def is_worse(self) -> bool:
        found = self.comparison
        if found is None:
            return False
        about = found.about(self.changed)
        return found.net_loss > MOST_LOST * found.questions or about.net_loss > MOST_LOST_OF_CHANGED * about.questions

    def refuse_if_worse(self) -> None:
        """Raises GateRefused."""
        if self.comparison is not None and self.is_worse:
            broken = [pair_shape(*pair) for pair in self.comparison.lost[:_LISTED]]
            raise GateRefused(in_words(self.comparison), {"questions": broken})


def in_words(found: Comparison) -> str:
    """Which questions broke, and what can be done."""
    lost, gained = len(found.lost), len(found.gained)
    listed = "; ".join(_sentence(*pair) for pair in found.lost[:_SAID])
    more = f" and {lost - _SAID} more" if lost > _SAID else ""
    better = f" ({gained} better)" if gained else ""
    return (
        f"of the {found.questions} labelled questions {lost} would be served worse{better}: {listed}{more}. "
        "Mend the article or the labels, or go on all the same and say why (--force REASON, force_reason)"
    )


def _sentence(before: Verdict, after: Verdict) -> str:
    return f"{after.question!r} got {_got(before)}, would get {_got(after)}"


def _got(verdict: Verdict) -> str:
    return {"answer": f"{verdict.given}", "clarify": "a choice", "none": "no answer"}[verdict.outcome]

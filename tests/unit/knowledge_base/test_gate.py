"""How much worse is too much: lost less won, of all labelled questions and of those about what is changed."""

import pytest

from knowledge_base.comparing import Comparison, Verdict
from knowledge_base.gate import Opinion


def pairs(count: int, article: str, before: float, after: float) -> tuple[tuple[Verdict, Verdict], ...]:
    return tuple(
        (Verdict("?", "en", article, article, "answer", before), Verdict("?", "en", article, article, "answer", after))
        for _ in range(count)
    )


KEPT = pairs(400, "b", 1, 1)


@pytest.mark.parametrize(
    ("moved", "is_worse"),
    [
        ((), False),  # nothing moved
        (pairs(2, "b", 1, 0), False),  # two of 402 may be chance
        (pairs(3, "b", 1, 0), True),  # three are more than half a per cent
        (pairs(3, "b", 1, 0) + pairs(3, "b", 0, 1), False),  # as many are better
        (pairs(4, "b", 1, 0.5), False),  # four that are offered as a choice now count two
        (pairs(1, "a", 1, 0) + pairs(5, "a", 1, 1), True),  # one of six about the changed article
        (pairs(1, "a", 1, 0) + pairs(9, "a", 1, 1), False),  # one of ten
    ],
)
def test_what_may_be_lost(moved: tuple[tuple[Verdict, Verdict], ...], is_worse: bool) -> None:
    assert Opinion(1, frozenset({"a"}), Comparison(KEPT + moved)).is_worse is is_worse


def test_without_a_measure_nothing_is_worse() -> None:
    assert not Opinion(1).is_worse
    assert not Opinion(1, frozenset({"a"}), Comparison(())).is_worse

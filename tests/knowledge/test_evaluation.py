"""The figures of `kb eval`, by hand-counted examples."""

import pytest

from knowledge_base.evaluation import Judged, auroc, calibration_error, figures, judge, weakest_articles
from knowledge_base.values import Candidate, LabelledExample, Outcome, SearchContext, SearchResult


def judged(expected: str | None, found: str, confidence: float, outcome: Outcome) -> Judged:
    candidates = (Candidate(found, "en", 1, "?", confidence),)
    return Judged(LabelledExample("?", expected), SearchResult(outcome, confidence, None, (), candidates), 1.0)


FOUR = [
    judged("a", "a", 0.9, Outcome.ANSWER),
    judged("a", "b", 0.4, Outcome.CLARIFY),
    judged(None, "b", 0.7, Outcome.ANSWER),
    judged(None, "b", 0.1, Outcome.NONE),
]


def test_shares_are_counted_apart_for_answerable_and_unanswerable_questions() -> None:
    found = figures(FOUR)
    assert found["in_scope"] == {
        "n": 2, "top1": 0.5, "recall_at_3": 0.5, "answered": 0.5, "answered_correctly": 0.5, "clarified_correctly": 0.0
    }  # fmt: skip
    assert found["out_of_scope"] == {"n": 2, "refused": 0.5, "not_answered": 0.5}
    assert found["confusions"] == [["a", "b", 1]]


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),  # told apart
        ([0.5], [0.5], 0.5),  # a tie counts half
        ([0.1], [0.9], 0.0),  # the wrong way round
        ([], [0.9], None),  # nothing to compare
    ],
)
def test_separation(inside: list[float], outside: list[float], expected: float | None) -> None:
    assert auroc(inside, outside) == expected


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    always_sure = [judged("a", "a", 1.0, Outcome.ANSWER), judged("a", "b", 1.0, Outcome.ANSWER)]
    assert calibration_error(always_sure) == pytest.approx(0.5)


def test_weakest_articles_come_first() -> None:
    assert weakest_articles(FOUR) == [("a", 0.5, 2)]


def test_each_question_is_asked_in_its_language() -> None:
    asked: list[tuple[str, str | None]] = []

    def search(text: str, context: SearchContext) -> SearchResult:
        asked.append((text, context.language))
        return SearchResult(Outcome.NONE, 0.0)

    judge([LabelledExample("运费多少", "shipping", "zh")], search)
    assert asked == [("运费多少", "zh")]

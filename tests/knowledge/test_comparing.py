"""Comparing two runs, drawing how far confidence can be trusted, thresholds fitted to labels: by hand-counted cases."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.errors import InvalidInput
from knowledge_base.comparing import Comparison, Verdict, compare, read_verdicts, write_verdicts
from knowledge_base.curve import draw
from knowledge_base.evaluation import Judged, reliability
from knowledge_base.tuning import FEWEST, tune
from knowledge_base.values import Candidate, LabelledExample, Outcome, SearchResult, Thresholds


def verdict(question: str, well: bool, expected: str | None = "a") -> Verdict:
    return Verdict(question, "en", expected, "a" if well else "b", "answer", float(well))


def judged(expected: str | None, found: str, confidence: float, outcome: Outcome = Outcome.ANSWER) -> Judged:
    candidates = (Candidate(found, "en", 1, "?", confidence),)
    return Judged(LabelledExample("?", expected), SearchResult(outcome, confidence, None, (), candidates), 1.0)


def test_only_questions_of_both_runs_with_the_same_label_are_compared() -> None:
    before = [verdict("1", True), verdict("2", True), verdict("3", False), verdict("4", True), verdict("6", True, None)]
    after = [verdict("1", False), verdict("2", True), verdict("3", True), verdict("5", False), verdict("6", False)]

    found = compare(before, after)

    assert found.questions == 3
    assert [new.question for _, new in found.lost] == ["1"]
    assert [new.question for _, new in found.gained] == ["3"]
    assert found.difference == 0


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [
        (0, 0, 1.0),  # nothing differs
        (0, 5, 0.0625),  # 2 / 2^5
        (1, 9, 0.0215),  # 2 (1 + 10) / 2^10
        (5, 5, 1.0),  # as many either way
    ],
)
def test_chance_is_that_of_a_fair_coin(lost: int, gained: int, p: float) -> None:
    good, bad = verdict("?", True), verdict("?", False)
    found = Comparison(((good, bad),) * lost + ((bad, good),) * gained + ((good, good),) * 80)
    assert found.chance == pytest.approx(p, abs=1e-4)
    low, high = found.interval()
    assert low <= found.difference <= high


def test_a_kept_run_is_read_back(tmp_path: Path) -> None:
    kept = [verdict("运费多少", True), verdict("?", False, None)]
    write_verdicts(tmp_path / "run.json", kept)
    assert read_verdicts(tmp_path / "run.json") == kept


@pytest.mark.parametrize("text", ["", "[]", '{"form": "other"}', '{"form": "kefu-eval-1", "questions": [{}]}'])
def test_another_file_is_no_kept_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InvalidInput, match="--save"):
        read_verdicts(tmp_path / "run.json")


@pytest.mark.parametrize(
    ("one", "worth"),
    [
        (judged("a", "a", 0.9), 1.0),  # answered rightly
        (judged("a", "b", 0.9), 0.0),  # answered wrongly
        (judged("a", "a", 0.4, Outcome.CLARIFY), 0.5),  # among the choices
        (judged("a", "b", 0.4, Outcome.CLARIFY), 0.0),  # not among them
        (judged("a", "a", 0.1, Outcome.NONE), 0.0),  # left without an answer that is there
        (judged(None, "a", 0.1, Outcome.NONE), 1.0),  # rightly left alone
        (judged(None, "a", 0.4, Outcome.CLARIFY), 1.0),  # not answered, at least
        (judged(None, "a", 0.9), 0.0),  # answered with something else
    ],
)
def test_what_a_question_is_worth(one: Judged, worth: float) -> None:
    assert one.worth == worth


def test_the_curve_is_a_picture_with_a_dot_a_bin() -> None:
    bins = reliability([judged("a", "a", 0.95), judged("a", "b", 0.15), judged("a", "b", 0.12)])
    picture = ElementTree.fromstring(draw(bins, 0.1, "<shop> & co"))
    dots = [node for node in picture.iter() if node.tag.endswith("circle")]
    assert [round(float(dot.attrib["r"]), 1) for dot in dots] == [11.0, 7.8]


def test_thresholds_move_to_where_answers_become_right() -> None:
    """Below .4 every best article is wrong, above it every one is right."""
    asked = [judged("a", "a" if n > 40 else "b", n / 100) for n in range(100)]
    tuned = tune(asked, Thresholds(0.8, 0.7))
    assert 0.38 <= tuned.thresholds.answer <= 0.45
    assert tuned.after["worth"] > tuned.before["worth"]
    assert tuned.after["answered_correctly"] > tuned.before["answered_correctly"]


def test_thresholds_that_are_worth_no_more_are_not_taken() -> None:
    """Between .2 and .8 there is no question, so any threshold in between is as good."""
    asked = [judged("a", "a", 0.9)] * 40 + [judged("a", "b", 0.1)] * 40
    tuned = tune(asked, Thresholds(0.77, 0.61))
    assert tuned.thresholds == Thresholds(0.77, 0.61)
    assert tuned.before == tuned.after


def test_a_handful_of_questions_tunes_nothing() -> None:
    with pytest.raises(InvalidInput, match=f"at least {FEWEST}"):
        tune([judged("a", "a", 0.9)] * (FEWEST - 1), Thresholds())

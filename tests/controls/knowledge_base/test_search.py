"""Careless ways of reading answers, long messages and words, which the tests must catch."""

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge_base import choosing, semantic, shelf, snapshot, spelling
from knowledge_base.choosing import Belief
from knowledge_base.minilm import MiniLM
from knowledge_base.model_files import MINILM
from knowledge_base.ranking import WORDING_NOISE
from tests.knowledge import test_search, test_strays, test_whole_numbers
from tests.unit.knowledge_base import test_choosing, test_spelling


def test_reading_no_answers_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "opening", lambda answer: "")
    with pytest.raises(AssertionError):
        test_search.test_what_only_an_answer_says_finds_its_article()


def test_answers_that_count_like_wordings_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "ANSWER_NOISE", WORDING_NOISE)
    with pytest.raises(AssertionError):
        test_search.test_a_wording_tells_more_than_an_answer_in_the_same_words()


def test_answers_taken_for_wordings_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    folded = shelf._folded
    monkeypatch.setattr(shelf, "_folded", lambda *given: [(text, False) for text, _ in folded(*given)])
    with pytest.raises(AssertionError):
        test_search.test_confidence_is_not_fitted_on_answers_as_if_customers_asked_them()
    with pytest.raises(AssertionError):
        test_search.test_what_stands_in_an_answer_alone_is_still_heard_as_a_slip()
    with pytest.raises(AssertionError):
        test_strays.test_another_articles_answer_leads_nowhere()


def test_believing_the_first_sentence_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(whole: Belief, sentences: Sequence[Belief], sure: float) -> Belief:
        confident = [sentence for sentence in sentences if sentence.confidence >= sure]
        return confident[0] if confident and whole.confidence < sure else whole

    monkeypatch.setattr(choosing, "_main", first)
    caught = [case[0] for case in test_choosing.CASES if _is_caught(case)]
    assert caught == [
        "the sentence means what the whole rules out",
        "two questions",
        "a sentence gives a hint",
        "said twice",
    ]


def _is_caught(case: test_choosing.Case) -> bool:
    try:
        test_choosing.test_what_is_believed(*case[1:])
    except AssertionError:
        return True
    return False


def test_mending_words_that_are_none_of_the_list_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spelling, "is_usual", lambda word: False)
    with pytest.raises(AssertionError):
        test_spelling.test_slips_are_mended_and_words_are_left("is the theater near", "is the theater near")


def test_the_mean_of_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic.EnglishEmbedder, "_words", lambda embedder, ids, mask: np.asarray(mask > 0))
    with pytest.raises(AssertionError):
        test_whole_numbers.test_a_sentence_is_the_mean_of_its_words(MiniLM(MINILM.find()))

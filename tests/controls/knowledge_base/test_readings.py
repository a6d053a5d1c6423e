"""Hearing words of the shop in what is none of them, which the tests must catch."""

import pytest

from knowledge_base import questions
from tests.unit.knowledge_base import test_questions


def test_hearing_several_words_otherwise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "_MOST_MISHEARD", 400)
    with pytest.raises(AssertionError):
        test_questions.test_what_sounds_like_a_word_of_the_shop_is_a_second_reading("收集关水", ())


def test_putting_what_was_heard_in_place_of_what_was_typed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = questions.Reader._ways
    monkeypatch.setattr(questions.Reader, "_ways", lambda reader, text: ways(reader, text)[-1:])
    with pytest.raises(AssertionError):
        test_questions.test_what_sounds_like_a_word_of_the_shop_is_a_second_reading("关水谁付", ("关税谁付",))

"""The sample shop's labelled questions are a fair yardstick: enough of each kind, and each names a real article."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from opencc import OpenCC
from pydantic import BaseModel, ConfigDict

SAMPLES = Path(__file__).parents[2] / "knowledge_base" / "samples"
LANGUAGES = ("zh", "en")
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{2}")


class Label(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str
    article: str | None
    language: str


def lines(name: str) -> list[str]:
    return (SAMPLES / name).read_text(encoding="utf-8").splitlines()


def labels(language: str) -> list[Label]:
    return [Label.model_validate_json(line) for line in lines(f"labels.{language}.jsonl")]


def article_keys(language: str) -> set[str]:
    articles = [json.loads(line) for line in lines("articles.jsonl")]
    return {article["key"] for article in articles if article["language"] == language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_300_questions_and_a_quarter_has_no_answer(language: str) -> None:
    asked = labels(language)
    assert len(asked) == 300
    assert sum(label.article is None for label in asked) == 75
    assert {label.language for label in asked} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_question_is_asked_twice(language: str) -> None:
    asked = Counter(re.sub(r"\W", "", label.question).casefold() for label in labels(language))
    assert [question for question, times in asked.items() if times > 1] == []
    assert "" not in asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_article_is_asked_for_two_to_four_times_and_no_other(language: str) -> None:
    asked = Counter(label.article for label in labels(language) if label.article is not None)
    assert set(asked) == article_keys(language)
    assert set(asked.values()) <= {2, 3, 4}


def test_both_languages_ask_for_the_same_articles() -> None:
    assert {label.article for label in labels("zh")} == {label.article for label in labels("en")}


def test_customers_write_traditional_characters_too() -> None:
    simplified = OpenCC("t2s")
    traditional = [label for label in labels("zh") if simplified.convert(label.question) != label.question]
    assert len(traditional) >= 25


def test_customers_mix_english_words_into_chinese() -> None:
    mixed = [label for label in labels("zh") if HAN.search(label.question) and LATIN_WORD.search(label.question)]
    assert len(mixed) >= 10


# language, most characters of a short question, fewest of a long one
LENGTHS = [
    ("zh", 4, 35),  # 能退吗 ... a story around the question
    ("en", 14, 90),  # "ship to toronto?" is already longer
]


@pytest.mark.parametrize(("language", "short", "long"), LENGTHS)
def test_some_questions_are_a_few_letters_and_some_a_story(language: str, short: int, long: int) -> None:
    lengths = [len(label.question) for label in labels(language)]
    assert sum(length <= short for length in lengths) >= 10
    assert sum(length >= long for length in lengths) >= 5

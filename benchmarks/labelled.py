"""Shops with labelled questions, to measure on: public sets in a folder, and the sample shop with its labels."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bootstrap import sample_rows
from knowledge_base.values import IndexedArticle, LabelledExample

SETS = ("clinc150", "banking77")


@dataclass(frozen=True, slots=True)
class Shop:
    """Articles, and questions that nothing was fitted on. `group`: shops that share questions."""

    name: str
    group: str
    articles: Sequence[IndexedArticle]
    questions: Sequence[LabelledExample]


def data_folder() -> Path | None:
    """KEFU_BENCH_DATA, or `shared/data` beside the repository: SET.kbK.jsonl, SET.dev.jsonl, SET.dev.typo.jsonl."""
    given = os.environ.get("KEFU_BENCH_DATA")
    beside = (parent / "shared" / "data" for parent in Path(__file__).resolve().parents)
    places = [Path(given)] if given else list(beside)
    return next((place for place in places if place.is_dir()), None)


def environment() -> dict[str, str]:
    """That of this process for a `kefu` started by it, which refuses KEFU_ names that are no settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KEFU_BENCH_")}


def public_shop(data: Path, name: str, phrasings: int) -> Shop:
    articles = [_article(row) for row in _rows(data / f"{name}.kb{phrasings}.jsonl")]
    return Shop(f"{name} k={phrasings}", name, articles, read_questions(data / f"{name}.dev.jsonl"))


def sample_shop() -> Shop:
    articles = [_article(row) for row in sample_rows.objects("articles.jsonl")]
    return Shop("sample shop", "sample", articles, sample_questions())


def sample_questions(language: str | None = None) -> list[LabelledExample]:
    files = ("labels.zh.jsonl", "labels.en.jsonl")
    rows = [row for file in files for row in sample_rows.objects(file)]
    return [_example(row) for row in rows if language in (None, row["language"])]


def read_questions(file: Path) -> list[LabelledExample]:
    return [_example(row) for row in _rows(file)]


def _article(row: dict[str, Any]) -> IndexedArticle:
    phrasings = tuple(row.get("phrasings", ()))
    return IndexedArticle(row["key"], row["language"], 1, row["question"], phrasings, row["answer"])


def _example(row: dict[str, Any]) -> LabelledExample:
    return LabelledExample(row["question"], row["article"] or None, row.get("language"))


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]

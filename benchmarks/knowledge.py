"""How well and how fast the search finds answers, beside simpler ways, on the same questions in the same run.

python -m benchmarks.knowledge [--data DIRECTORY] [--sets clinc150,banking77] [--phrasings 5] [--questions 600]

DIRECTORY (default: KEFU_BENCH_DATA) holds SET.kbK.jsonl and SET.dev.jsonl; where it is not there, one line says so.
ChatterBot is put into an environment of its own for the time of the run. All compare wordings alone: the answers of
these sets are the names of their classes, which Kefu would read and the others would not.
"""

import argparse
import importlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from threadpoolctl import threadpool_limits

from benchmarks._chatterbot import CannotInstall, ChatterBot, Guess
from benchmarks.labelled import data_folder
from knowledge_base.evaluation import auroc
from knowledge_base.semantic import Embedder, load_embedder
from knowledge_base.snapshot import build_snapshot
from knowledge_base.training import fit
from knowledge_base.values import IndexedArticle

Guesser = Callable[[str], Guess]


@dataclass(frozen=True, slots=True)
class Measured:
    accuracy: float
    separation: float | None
    milliseconds: float


def main() -> None:
    options = _options()
    if options.data is None or not options.data.is_dir():
        print(f"knowledge: no labelled questions at {options.data}; nothing measured")
        return
    embedder, missing = load_embedder()
    for reason in missing:
        print(f"missing: {reason}")
    threadpool_limits(limits=1, user_api="blas")  # as in the process that serves
    with tempfile.TemporaryDirectory() as folder:
        chatterbot = ChatterBot(Path(folder))
        for name in options.sets.split(","):
            _compare(options.data, name, options.phrasings, options.questions, embedder, chatterbot)
    if not options.no_growth:
        _growth(options.data, options.sets.split(",")[0], embedder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--sets", default="clinc150,banking77")
    parser.add_argument("--phrasings", type=int, default=5)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--no-growth", action="store_true", help="leave out the cost from 1,000 to 100,000 phrasings")
    return parser.parse_known_args()[0]  # beside the names of the benchmarks that `python -m benchmarks` runs


def _compare(data: Path, name: str, phrasings: int, most: int, embedder: Embedder, chatterbot: ChatterBot) -> None:
    articles = [_article(row) for row in _rows(data / f"{name}.kb{phrasings}.jsonl")]
    questions = _rows(data / f"{name}.dev.jsonl")
    random.Random(0).shuffle(questions)
    asked = questions[:most]
    print(f"\n{name}, {phrasings} phrasings an article, {len(asked)} questions")
    print(f"{'':28}{'accuracy':>9}{'AUROC':>8}{'CPU ms':>9}{'x ours':>8}")
    ours = _measured(asked, *_asked(_ours(articles, embedder), asked))
    _row("Kefu", ours, ours)
    for title, make in _OTHERS.items():
        try:
            _row(title, _measured(asked, *_asked(make(articles), asked)), ours)
        except ImportError as absent:
            print(f"{title:28}not installed ({absent.name})")
    try:
        guesses = chatterbot.guesses(_pairs(articles), [row["question"] for row in asked])
        _row(chatterbot.title, _measured(asked, *guesses), ours)
    except CannotInstall as reason:
        print(f"{'ChatterBot':28}{reason}")


def _row(title: str, measured: Measured, ours: Measured) -> None:
    ratio = measured.milliseconds / ours.milliseconds
    figures = f"{measured.accuracy:9.3f}{measured.separation or 0:8.3f}{measured.milliseconds:9.2f}{ratio:8.2f}"
    print(f"{title:28}{figures}", flush=True)


def _asked(guess: Guesser, questions: Sequence[dict[str, Any]]) -> tuple[list[Guess], float]:
    """The guesses, and the CPU that one took."""
    guess(questions[0]["question"])
    started = time.process_time()
    guesses = [guess(row["question"]) for row in questions]
    return guesses, (time.process_time() - started) * 1000 / len(questions)


def _measured(questions: Sequence[dict[str, Any]], guesses: Sequence[Guess], milliseconds: float) -> Measured:
    inside = [(row, got) for row, got in zip(questions, guesses, strict=True) if row["article"]]
    outside = [got[1] for row, got in zip(questions, guesses, strict=True) if not row["article"]]
    right = sum(row["article"] == got[0] for row, got in inside)
    return Measured(right / len(inside), auroc([got[1] for _, got in inside], outside), milliseconds)


def _ours(articles: list[IndexedArticle], embedder: Embedder) -> Guesser:
    snapshot = fit(build_snapshot(articles, embedder))

    def guess(question: str) -> Guess:
        result = snapshot.search(question)
        return (result.candidates[0].article if result.candidates else None), result.confidence

    return guess


def _rapidfuzz(articles: list[IndexedArticle]) -> Guesser:
    texts, keys = _flat(articles)

    def guess(question: str) -> Guess:
        found = process.extractOne(question, texts, scorer=fuzz.WRatio)
        return keys[found[2]], found[1]

    return guess


def _bm25(articles: list[IndexedArticle]) -> Guesser:
    library: Any = importlib.import_module("bm25s")
    texts, keys = _flat(articles)
    index = library.BM25()
    index.index(library.tokenize(texts, stopwords=None, show_progress=False), show_progress=False)

    def guess(question: str) -> Guess:
        words = library.tokenize([question], stopwords=None, show_progress=False)
        found, scores = index.retrieve(words, k=1, show_progress=False)
        return keys[int(found[0, 0])], float(scores[0, 0])

    return guess


def _tfidf(articles: list[IndexedArticle]) -> Guesser:
    library: Any = importlib.import_module("sklearn.feature_extraction.text")
    texts, keys = _flat(articles)
    vectoriser = library.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    rows = vectoriser.fit_transform(texts)

    def guess(question: str) -> Guess:
        scores = (rows @ vectoriser.transform([question]).T).toarray()[:, 0]
        best = int(scores.argmax())
        return keys[best], float(scores[best])

    return guess


_OTHERS: Mapping[str, Callable[[list[IndexedArticle]], Guesser]] = {
    "rapidfuzz extractOne": _rapidfuzz,
    "BM25 (bm25s)": _bm25,
    "TF-IDF letters, nearest": _tfidf,
}


def _growth(data: Path, name: str, embedder: Embedder) -> None:
    """Wordings made by mixing those of the set; vectors are drawn at random: only the cost is looked at."""
    texts, _ = _flat([_article(row) for row in _rows(data / f"{name}.kb10.jsonl")])
    words = " ".join(texts).split()
    rng = random.Random(0)
    print(f"\n{'phrasings':>10}{'build s':>9}{'CPU ms a question':>19}   (without the encoder)")
    for size in (1_000, 3_000, 10_000, 30_000, 100_000):
        made = [" ".join([*rng.choice(texts).split(), *rng.choices(words, k=3)]) for _ in range(size)]
        articles = [IndexedArticle(f"a{i}", "en", 1, made[i], tuple(made[i + 1 : i + 5])) for i in range(0, size, 5)]
        started = time.process_time()
        snapshot = build_snapshot(articles, _RandomVectors(embedder.dimensions))
        built = time.process_time() - started
        snapshot.search("warm up")
        started = time.process_time()
        for question in texts[:200]:
            snapshot.search(question)
        print(f"{size:10}{built:9.1f}{(time.process_time() - started) * 5:19.2f}")


class _RandomVectors:
    name = "random"

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions

    def encode(self, texts: Sequence[str]) -> "np.ndarray[Any, np.dtype[np.float32]]":
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimensions)).astype(np.float32)
        unit: np.ndarray[Any, np.dtype[np.float32]] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def _flat(articles: Sequence[IndexedArticle]) -> tuple[list[str], list[str]]:
    pairs = _pairs(articles)
    return [text for text, _ in pairs], [key for _, key in pairs]


def _pairs(articles: Sequence[IndexedArticle]) -> list[tuple[str, str]]:
    return [(wording, article.key) for article in articles for wording in article.wordings]


def _article(row: dict[str, Any]) -> IndexedArticle:
    return IndexedArticle(row["key"], row["language"], 1, row["question"], tuple(row["phrasings"]))


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    main()

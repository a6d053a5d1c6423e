"""Questions that come at once are searched for together, and each gets the answer that it would get alone."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import cast

import pytest

import knowledge_base
from knowledge_base.semantic import _FILLING, _alike_long
from knowledge_base.snapshot import Snapshot
from knowledge_base.together import Together
from knowledge_base.values import Outcome, SearchContext, SearchResult
from tests.support.knowledge import load_shipped_sample

_LABELS = Path(knowledge_base.__file__).parent / "samples"
ANYBODY = SearchContext()


def test_together_is_as_alone() -> None:
    """Real questions in both languages; among them one with several sentences, and one without a word."""
    snapshot = load_shipped_sample()
    lines = [(_LABELS / f"labels.{language}.jsonl").read_text("utf-8").splitlines()[:12] for language in ("zh", "en")]
    texts = [json.loads(line)["question"] for both in zip(*lines, strict=True) for line in both]
    texts += ["Do you ship to Canada? And what does it cost?", "…"]
    alone = [snapshot.search(text) for text in texts]
    for one, other in zip(alone, snapshot.search_all([(text, ANYBODY) for text in texts]), strict=True):
        assert one.outcome is other.outcome
        assert (one.answer and one.answer.article) == (other.answer and other.answer.article)
        assert one.confidence == pytest.approx(other.confidence, abs=5e-3)  # sums in another order round otherwise
        assert [found.article for found in one.candidates] == [found.article for found in other.candidates]


@dataclass
class Librarian:
    """Stands in for a snapshot: is busy until `go`, notes what it is asked together, stumbles over "boom"."""

    go: Event = field(default_factory=Event)
    rounds: list[list[str]] = field(default_factory=list)

    def search_all(self, asked: Sequence[tuple[str, SearchContext]]) -> list[SearchResult]:
        assert self.go.wait(10)
        texts = [text for text, _ in asked]
        self.rounds.append(texts)
        if "boom" in texts:
            raise ValueError("boom")
        return [SearchResult(Outcome.NONE, float(text)) for text in texts]


async def test_what_waits_is_taken_together_and_one_that_fails_fails_alone() -> None:
    librarian = Librarian()
    snapshot = cast(Snapshot, librarian)
    with ThreadPoolExecutor(max_workers=1) as thread:
        together = Together(thread)
        asked = [asyncio.create_task(together.search(snapshot, text, ANYBODY)) for text in ("1", "2", "boom", "4")]
        await asyncio.sleep(0)
        librarian.go.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found] == [SearchResult, SearchResult, ValueError, SearchResult]
    assert [one.confidence for one in found if isinstance(one, SearchResult)] == [1.0, 2.0, 4.0]
    assert librarian.rounds[0] == ["1", "2", "boom", "4"]


async def test_who_does_not_wait_any_longer_holds_up_nobody() -> None:
    librarian = Librarian()
    with ThreadPoolExecutor(max_workers=1) as thread:
        together = Together(thread)
        first, second = (
            asyncio.create_task(together.search(cast(Snapshot, librarian), text, ANYBODY)) for text in ("1", "2")
        )
        await asyncio.sleep(0)
        first.cancel()
        librarian.go.set()
        assert (await second).confidence == 2.0


def test_sentences_of_like_length_share_a_batch() -> None:
    """Filling up to the longest costs at most `_FILLING` tokens a batch; none is lost."""
    sentences = [(number, [0] * length) for number, length in enumerate((5, 40, 6, 7, 41, 5, 90))]
    batches = [[len(ids) for _, ids in batch] for batch in _alike_long(sentences)]
    assert batches == [[5, 5, 6, 7], [40, 41], [90]]
    assert all(sum(max(batch) - length for length in batch) <= _FILLING for batch in batches)

"""Building what is served: an edit encodes only itself, a saved snapshot answers alike, staff articles stay hidden."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.judging import RememberingEmbedder
from knowledge_base.semantic import NoEmbedder
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.training import fit
from knowledge_base.values import Audience, IndexedArticle, Outcome, SearchContext
from tests.support.encoding import CountingEmbedder

TOPICS = ("parcel", "refund", "password", "invoice", "opening", "teapot", "voucher", "address")
ASKED = ("where is my {}", "i have a question about the {}", "{} please", "tell me of the {}")


def shop() -> list[IndexedArticle]:
    wordings = [[form.format(topic) for form in ASKED] for topic in TOPICS]
    return [
        IndexedArticle(topic, "en", 1, asked[0], tuple(asked[1:]))
        for topic, asked in zip(TOPICS, wordings, strict=True)
    ]


def test_an_edit_encodes_only_what_is_new() -> None:
    embedder = CountingEmbedder()
    before = build_snapshot(shop(), embedder)
    embedder.seen.clear()
    edited = [replace(shop()[0], phrasings=("has the postman been here",)), *shop()[1:]]
    after = build_snapshot(edited, embedder, previous=before)
    assert embedder.seen == ["has the postman been here"]
    assert after.search("has the postman been here").candidates[0].article == "parcel"


def test_an_edit_keeps_head_and_calibration_until_they_are_fitted_again() -> None:
    fitted = fit(build_snapshot(shop(), NoEmbedder()))
    assert fitted.head is not None
    edited = build_snapshot(shop()[1:], NoEmbedder(), previous=fitted)
    assert edited.head is fitted.head
    assert edited.search("where is my teapot").candidates[0].article == "teapot"


def test_a_fitted_snapshot_survives_being_saved(tmp_path: Path) -> None:
    fitted = fit(build_snapshot(shop(), NoEmbedder()))
    fitted.save(tmp_path)
    loaded = Snapshot.load(tmp_path, NoEmbedder())
    assert isinstance(loaded.near.rows.vectors, np.memmap)
    assert loaded.near.rows.vectors.dtype == fitted.near.rows.vectors.dtype == np.float16
    assert loaded.search("my voucher") == fitted.search("my voucher")
    assert loaded.content_hash == fitted.content_hash


def test_another_models_snapshot_is_not_served(tmp_path: Path) -> None:
    build_snapshot(shop(), NoEmbedder()).save(tmp_path)
    with pytest.raises(ValueError, match="built with none"):
        Snapshot.load(tmp_path, CountingEmbedder())


def test_customers_never_see_what_is_for_staff() -> None:
    secret = IndexedArticle("discounts", "en", 1, "How far may I go with a discount?", audience=Audience.AGENT)
    snapshot = build_snapshot([*shop(), secret], NoEmbedder())
    text = "How far may I go with a discount?"
    assert "discounts" not in [c.article for c in snapshot.search(text).candidates]
    assert snapshot.search(text, SearchContext(audience=Audience.AGENT)).candidates[0].article == "discounts"


@pytest.mark.parametrize("text", ["", "   ", "???", "\x00\x07", "🙂", "a" * 10_000, "1" * 500, "。" * 300, "的"])
def test_strange_texts_are_survived(text: str) -> None:
    assert build_snapshot(shop(), NoEmbedder()).search(text).outcome is not Outcome.ANSWER


def test_one_article_is_enough() -> None:
    snapshot = fit(build_snapshot(shop()[:1], NoEmbedder()))
    assert snapshot.search("where is my parcel").outcome is Outcome.ANSWER


def test_thousands_of_wordings_are_searched_by_their_principal_directions() -> None:
    made = [IndexedArticle(f"item-{i}", "en", 1, f"how much is item {i} of the {TOPICS[i % 8]}") for i in range(2_500)]
    snapshot = build_snapshot([*made, *shop()], CountingEmbedder())
    assert snapshot.near.basis.size
    assert snapshot.search("tell me of the voucher").candidates[0].article == "voucher"


def test_what_a_serving_process_has_encoded_is_not_encoded_again_where_it_is_built() -> None:
    serving, building = CountingEmbedder(), CountingEmbedder()
    given = {"where is my voucher": serving.encode(["where is my voucher"])[0].tolist()}
    served = build_snapshot(shop(), building)
    building.seen.clear()
    edited = [*shop(), IndexedArticle("voucher", "en", 1, "where is my voucher")]
    snapshot = build_snapshot(edited, RememberingEmbedder(building, given), previous=served)
    assert building.seen == []
    assert snapshot.search("where is my voucher").candidates[0].article == "voucher"


def test_threads_may_share_a_snapshot() -> None:
    snapshot = build_snapshot(shop(), NoEmbedder())
    texts = [f"where is my {topic}" for topic in TOPICS] * 20
    with ThreadPoolExecutor(8) as pool:
        found = [result.candidates[0].article for result in pool.map(snapshot.search, texts)]
    assert found == list(TOPICS) * 20


def test_serving_imports_no_training_library() -> None:
    program = "import sys, knowledge_base.snapshot; print(sorted({'sklearn', 'scipy', 'onnxruntime'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

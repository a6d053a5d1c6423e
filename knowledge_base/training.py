"""What is fitted on a knowledge base's own texts: the linear head and the calibration of its confidence. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoding import unit
from knowledge_base.fitting import logistic_regression, softmax_regression
from knowledge_base.head import Head
from knowledge_base.lexical import Floats
from knowledge_base.ranking import SHIPPED, Calibrator, log_evidence
from knowledge_base.snapshot import Snapshot

_MOST_WEIGHTS = 3_000_000
_FEWEST_TEXTS = 1.5
_FOLDS = 3
_ROUNDS, _ROUNDS_IN_FOLDS = 150, 60
_LOOSENESS = 13.0
_PROBES = 1_500
UNANSWERABLE = 0.15
#: Wordings that are left out are harder to tell apart than real questions: belief is spread around one half.
SPREAD = 1.4
_FEWEST_IN_SCRIPT = 20
#: Fewer wordings than these that find their own article teach nothing about belief.
_FEWEST_RIGHT = 20
_PRIOR = 30.0
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Probe:
    """The best article's evidence for a wording as if it were a question, and whether the article was right."""

    evidence: float
    right: bool
    answerable: bool
    chinese: bool


def fit(snapshot: Snapshot) -> Snapshot:
    """The snapshot with head and calibrator fitted on its own texts."""
    shelf = snapshot.shelf
    if len(shelf.keys) < 2:
        return replace(snapshot, head=None, calibrator=SHIPPED)
    vectors = unit(snapshot.near.rows)
    head = _fit_head(vectors, shelf.owners, shelf.keys, _ROUNDS) if _worth_a_head(snapshot) else None
    return replace(snapshot, head=head, calibrator=sigmoid(list(_probes(snapshot, vectors))))


def probe(snapshot: Snapshot) -> list[Probe]:
    """What the confidence is fitted on."""
    return list(_probes(snapshot, unit(snapshot.near.rows)))


def _worth_a_head(snapshot: Snapshot) -> bool:
    """With one text an article a head adds nothing; with very many articles its fit takes minutes."""
    rows, articles = len(snapshot.shelf.texts), len(snapshot.shelf.keys)
    return rows >= _FEWEST_TEXTS * articles and rows * articles <= _MOST_WEIGHTS


def _fit_head(vectors: Floats, owners: NDArray[np.int32], keys: tuple[str, ...], rounds: int) -> Head:
    """Multinomial logistic regression; articles without a row among these get no weight."""
    known, labels = np.unique(owners, return_inverse=True)
    return Head(tuple(keys[i] for i in known), *softmax_regression(vectors, labels, _LOOSENESS, rounds))


def _probes(snapshot: Snapshot, vectors: Floats) -> Iterator[Probe]:
    """Each probed wording twice: without itself, as a new question; without its article, as an unanswerable one."""
    rng = np.random.default_rng(0)
    probes = rng.permutation(np.flatnonzero(~snapshot.shelf.answers))[:_PROBES]
    shares = _out_of_fold(snapshot, vectors, probes) if _worth_a_head(snapshot) else None
    for n, row in enumerate(probes):
        share = shares[n] if shares is not None else None
        yield from _probes_of(snapshot, int(row), share)


def _probes_of(snapshot: Snapshot, row: int, share: Floats | None) -> Iterator[Probe]:
    owners = snapshot.shelf.owners
    own = int(owners[row])
    question = snapshot.near.rows.take(np.array([row]))
    chinese = bool(question.chinese[0])
    itself = np.arange(len(owners)) == row
    if ((owners == own) & ~snapshot.shelf.answers).sum() > 1:
        ranked = snapshot.rank(question, ~itself, share)
        yield Probe(float(ranked.evidence[0]), int(ranked.articles[0]) == own, True, chinese)
    ranked = snapshot.rank(question, owners != own, _without(share, own))
    yield Probe(float(ranked.evidence[0]), False, False, chinese)


def _without(share: Floats | None, own: int) -> Floats | None:
    """The head's probabilities as if the article were not in the knowledge base."""
    if share is None:
        return None
    rest = share.copy()
    rest[own] = 0
    return rest / max(float(rest.sum()), 1e-6)


def _out_of_fold(snapshot: Snapshot, vectors: Floats, probes: NDArray[np.intp]) -> Floats:
    """(probes, articles) probabilities by heads that have not seen the probed wording."""
    owners, keys = snapshot.shelf.owners, snapshot.shelf.keys
    fold = _folds(owners)
    shares = np.zeros((len(probes), len(keys)), np.float32)
    for held_out in range(_FOLDS):
        head = _fit_head(vectors[fold != held_out], owners[fold != held_out], keys, _ROUNDS_IN_FOLDS)
        mine = np.flatnonzero(fold[probes] == held_out)
        if len(mine):
            shares[mine] = head.aligned(snapshot.near.rows.take(probes[mine]), keys)
    return shares


def _folds(owners: NDArray[np.int32]) -> NDArray[np.int64]:
    """The first wording of an article in fold 0, the second in fold 1, and so on around."""
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], owners[order])
    fold = np.empty(len(owners), np.int64)
    fold[order] = (np.arange(len(owners)) - starts) % _FOLDS
    return fold


def sigmoid(probes: list[Probe], unanswerable: float = UNANSWERABLE, spread: float = SPREAD) -> Calibrator:
    """Platt's sigmoid, drawn towards the shipped one where there is little to learn from."""
    evidence = np.array([probe.evidence for probe in probes], np.float32)
    right = np.array([probe.right for probe in probes])
    answerable = np.array([probe.answerable for probe in probes])
    chinese = np.array([probe.chinese for probe in probes])
    if right.sum() < _FEWEST_RIGHT:
        return SHIPPED
    if min(chinese.sum(), (~chinese).sum()) < _FEWEST_IN_SCRIPT:  # one script, or too little of one to tell apart
        chinese[:] = False
    share = unanswerable / (1 - unanswerable) * answerable.sum() / max((~answerable).sum(), 1)
    grid = np.geomspace(0.02, 1.2, 31, dtype=np.float32)
    prior = SHIPPED.probability(grid).astype(np.float64)
    known = log_evidence(np.concatenate([evidence, grid, grid]))
    truth = np.concatenate([right, np.ones_like(grid), np.zeros_like(grid)]).astype(np.float64)
    pull = _PRIOR / len(grid)
    weights = np.concatenate([np.where(answerable, 1.0, share), pull * prior, pull * (1 - prior)])
    script = np.concatenate([chinese, np.full(2 * len(grid), chinese.mean())])
    features = np.stack([known, script], axis=1).astype(np.float64)
    slope, more, offset = (spread * float(weight) for weight in logistic_regression(features, truth, weights))
    return Calibrator(slope, offset, more)

"""Logistic regression in numpy: libraries for it take longer to load than most knowledge bases take to fit. Pure."""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from knowledge_base.lexical import Floats

Doubles = NDArray[np.float64]
Slope = Callable[[Floats], tuple[float, Floats]]
_MEMORY = 10
_ENOUGH = 1e-4
_HALVINGS = 20


def softmax_regression(
    vectors: Floats, labels: NDArray[np.intp], looseness: float, rounds: int
) -> tuple[Floats, Floats]:
    """Weights (classes, dimensions) and offsets (classes) of a multinomial model; `labels` count from 0.

    The weights are drawn to zero by 1 / `looseness`; `rounds` is a budget.
    """
    rows, dimensions = vectors.shape
    classes = int(labels.max()) + 1
    pull = np.float32(1 / (looseness * rows))
    places = np.arange(rows)

    def slope(flat: Floats) -> tuple[float, Floats]:
        both = flat.reshape(classes, dimensions + 1)
        weights, offsets = both[:, :-1], both[:, -1]
        logits = vectors @ weights.T + offsets
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        sums = shares.sum(axis=1)
        loss = float((np.log(sums) - logits[places, labels]).mean())
        loss += float(pull) / 2 * float((weights * weights).sum())
        shares /= sums[:, None]
        shares[places, labels] -= 1
        gradient = np.empty_like(both)
        gradient[:, :-1] = shares.T @ vectors / np.float32(rows) + pull * weights
        gradient[:, -1] = shares.mean(axis=0)
        return loss, gradient.ravel()

    found = minimise(slope, np.zeros(classes * (dimensions + 1), np.float32), rounds, 1e-5)
    both = found.reshape(classes, dimensions + 1)
    return np.ascontiguousarray(both[:, :-1]), np.ascontiguousarray(both[:, -1])


def minimise(slope: Slope, start: Floats, rounds: int, flat_enough: float) -> Floats:
    """The lowest point of a convex function: L-BFGS (Nocedal 1980), each step halved until it leads down."""
    point = start
    height, gradient = slope(point)
    past: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)
    for _ in range(rounds):
        if float(np.abs(gradient).max()) <= flat_enough:
            break
        step = _direction(gradient, past)
        fall = float(gradient @ step)
        length = 1.0 if past else min(1.0, 1 / max(float(np.abs(gradient).sum()), 1e-12))
        for _ in range(_HALVINGS):
            further = point + np.float32(length) * step
            new_height, new_gradient = slope(further)
            if new_height <= height + _ENOUGH * length * fall:
                break
            length /= 2
        else:
            break
        moved, bent = further - point, new_gradient - gradient
        curvature = float(moved @ bent)
        if curvature > 1e-12:
            past.append((moved, bent, 1 / curvature))
        point, height, gradient = further, new_height, new_gradient
    return point


def _direction(gradient: Floats, past: deque[tuple[Floats, Floats, float]]) -> Floats:
    """Downhill, by what the last steps have shown of the curvature."""
    step = -gradient
    shares = []
    for moved, bent, inverse in reversed(past):
        share = np.float32(inverse * float(moved @ step))
        shares.append(share)
        step = step - share * bent
    if past:
        moved, bent, inverse = past[-1]
        step = step * np.float32(1 / (inverse * float(bent @ bent)))
    for (moved, bent, inverse), share in zip(past, reversed(shares), strict=True):
        step = step + (share - np.float32(inverse * float(bent @ step))) * moved
    return step


def logistic_regression(features: Doubles, truth: Doubles, weights: Doubles, looseness: float = 1e3) -> Doubles:
    """One weight a feature and, at the end, the offset, of a model with few features; by Newton's method."""
    known = np.column_stack([features, np.ones(len(features))])
    pull = np.append(np.full(features.shape[1], 1 / looseness), 0.0)
    found = np.zeros(known.shape[1])
    for _ in range(50):
        belief = 1 / (1 + np.exp(-np.clip(known @ found, -30, 30)))
        gradient = known.T @ (weights * (belief - truth)) + pull * found
        curvature = (known * (weights * belief * (1 - belief))[:, None]).T @ known + np.diag(pull + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        found = found - step
        if float(np.abs(step).max()) < 1e-8:
            break
    return found

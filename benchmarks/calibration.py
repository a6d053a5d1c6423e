"""How the constants of the confidence were chosen: for each shop by the other shops alone.

A shop's sigmoid is fitted on its own wordings (`training.probe`). Looked for are only the share of unanswerable
ones in that and the spread of belief, by the labelled questions of the shops that are not being judged.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.labelled import SETS, Shop, data_folder, public_shop, sample_shop
from knowledge_base.evaluation import Judged, calibration_error, judge
from knowledge_base.ranking import Calibrator
from knowledge_base.semantic import load_embedder
from knowledge_base.snapshot import build_snapshot
from knowledge_base.text import has_han
from knowledge_base.training import SPREAD, UNANSWERABLE, Probe, fit, probe, sigmoid

_SHARES, _SPREADS = (0.1, 0.15, 0.2, 0.25), (1.0, 1.2, 1.4, 1.6)
Choice = tuple[float, float]
CHOICES: tuple[Choice, ...] = tuple(itertools.product(_SHARES, _SPREADS))


@dataclass(frozen=True, slots=True)
class Asked:
    """A shop's questions as judged with `calibrator`, and the probes of its wordings."""

    shop: Shop
    judged: Sequence[Judged]
    calibrator: Calibrator
    probes: list[Probe]

    def error(self, choice: Choice) -> float:
        """The calibration error if share and spread had been `choice`."""
        other = sigmoid(self.probes, *choice)
        return calibration_error([self._otherwise(one, other) for one in self.judged])

    def _otherwise(self, one: Judged, other: Calibrator) -> Judged:
        """Confidence is the sigmoid of a line in the evidence: what one line said tells what another would say."""
        sure = float(np.clip(one.result.confidence, 1e-9, 1 - 1e-9))
        han = float(has_han(one.example.question))
        evidence = np.log(sure / (1 - sure)) - self.calibrator.offset - han * self.calibrator.chinese
        line = other.slope * evidence / self.calibrator.slope + other.offset + han * other.chinese
        return replace(one, result=replace(one.result, confidence=float(1 / (1 + np.exp(-line)))))


def main() -> None:
    data = data_folder()
    if data is None:
        print("calibration: no labelled questions (KEFU_BENCH_DATA); nothing measured")
        return
    shops = [public_shop(data, name, k) for name in SETS for k in (5, 10)]
    asked = [_ask(shop) for shop in (*shops, sample_shop())]
    errors = {one.shop.name: np.array([one.error(choice) for choice in CHOICES]) for one in asked}
    print(f"{'':18}{'chosen without it':>28}{'shipped':>9}{'best':>7}   (expected calibration error)")
    shipped = CHOICES.index((UNANSWERABLE, SPREAD))
    for one in asked:
        without = _best_without(one.shop.group, asked, errors)
        own = errors[one.shop.name]
        share, spread = CHOICES[without]
        print(
            f"{one.shop.name:18}{f'{share:.0%} x {spread}':>18}{own[without]:10.3f}{own[shipped]:9.3f}{own.min():7.3f}",
            flush=True,
        )


def _ask(shop: Shop) -> Asked:
    embedder, _ = load_embedder()
    fitted = fit(build_snapshot(shop.articles, embedder))
    return Asked(shop, judge(shop.questions, fitted.search), fitted.calibrator, probe(fitted))


def _best_without(group: str, asked: Sequence[Asked], errors: dict[str, NDArray[np.float64]]) -> int:
    """The choice with the least mean error over the other groups, each of which counts the same."""
    others = sorted({one.shop.group for one in asked} - {group})
    means = [np.mean([errors[one.shop.name] for one in asked if one.shop.group == other], axis=0) for other in others]
    return int(np.mean(means, axis=0).argmin())


if __name__ == "__main__":
    main()

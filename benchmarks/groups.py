"""How well unanswered questions are grouped: of pairs in one group, and of pairs that mean the same.

Questions of forty topics whose articles the shop does not have, in the order in which customers may ask them.
"""

import random
from collections.abc import Sequence

import numpy as np

from benchmarks.labelled import SETS, Shop, data_folder, public_shop, sample_shop
from knowledge_base.grouping import Encoded, Mean, nearest
from knowledge_base.semantic import Embedder, load_embedder
from knowledge_base.snapshot import build_snapshot
from knowledge_base.text import fold

_TOPICS = 40


def main() -> None:
    embedder, _ = load_embedder()
    data = data_folder()
    shops = [public_shop(data, name, 5) for name in SETS] if data else []
    print(f"{'':18}{'questions':>10}{'groups':>8}{'precision':>11}{'recall':>8}")
    for shop in shops:
        _measure(shop.name, shop, embedder)
    for language in ("zh", "en"):
        _measure(f"sample shop, {language}", _in_language(sample_shop(), language), embedder)


def _in_language(shop: Shop, language: str) -> Shop:
    articles = [one for one in shop.articles if one.language == language]
    return Shop(shop.name, shop.group, articles, [one for one in shop.questions if one.language == language])


def _measure(name: str, shop: Shop, embedder: Embedder) -> None:
    rng = random.Random(1)
    topics = sorted({one.article for one in shop.questions if one.article})
    rng.shuffle(topics)
    missing = set(topics[:_TOPICS])
    asked = [one for one in shop.questions if one.article in missing]
    rng.shuffle(asked)
    snapshot = build_snapshot([one for one in shop.articles if one.key not in missing], embedder)
    rows = snapshot.encoder.encode([fold(one.question) for one in asked])
    owners = _grouped(Encoded.of(rows, embedder.name, snapshot.near.rows))
    precision, recall = _pairs(owners, [str(one.article) for one in asked])
    print(f"{name:18}{len(asked):10}{len(set(owners)):8}{precision:11.2f}{recall:8.2f}", flush=True)


def _grouped(encoded: Encoded) -> list[int]:
    means: list[Mean] = []
    owners = []
    for place, (vector, script) in enumerate(zip(encoded.vectors, encoded.scripts, strict=True)):
        found = nearest(vector, script, means, encoded.near, encoded.centres[place])
        if found is None:
            found = len(means)
            means.append(Mean(vector, script))
        else:
            means[found].add(vector)
        owners.append(found)
    return owners


def _pairs(owners: Sequence[int], topics: Sequence[str]) -> tuple[float, float]:
    upper = np.triu_indices(len(owners), 1)
    group, topic = np.array(owners), np.array(topics)
    together, alike = (row[:, None] == row[None, :] for row in (group, topic))
    right = (together & alike)[upper].sum()
    return right / max(together[upper].sum(), 1), right / max(alike[upper].sum(), 1)


if __name__ == "__main__":
    main()

"""Each step of the search earns its place: what it makes of a text, and what comes out without it (cases.toml)."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.judging import RememberingEmbedder
from knowledge_base.questions import ALL_STEPS, Step
from knowledge_base.semantic import NoEmbedder, load_embedder
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.values import IndexedArticle, SearchContext, SearchResult

TABLE = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))
SYNONYMS = (("parcel", "pkg"), ("发票", "单据"))
CASES: list[dict[str, Any]] = TABLE["cases"]
STEPPED = [case for case in CASES if "before" in case]
STEPS = (*Step, "synonyms")


def articles() -> list[IndexedArticle]:
    rows = [(row, language) for row in TABLE["articles"] for language in ("zh", "en") if language in row]
    return [IndexedArticle(row["key"], lang, 1, row[lang][0], tuple(row[lang][1:]), "...") for row, lang in rows]


@pytest.fixture(scope="module")
def shop() -> Snapshot:
    embedder, missing = load_embedder()
    assert missing == ()
    return build_snapshot(articles(), RememberingEmbedder(embedder, {}), SYNONYMS)


def without(shop: Snapshot, step: str) -> Snapshot:
    if step == "meaning":
        return build_snapshot(articles(), NoEmbedder(), SYNONYMS)
    return replace(shop, synonyms=()) if step == "synonyms" else replace(shop, steps=ALL_STEPS - {Step(step)})


def ask(shop: Snapshot, case: dict[str, Any]) -> SearchResult:
    return shop.search(case["text"], SearchContext(last_question=case.get("last_question")))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_customers_are_understood(shop: Snapshot, case: dict[str, Any]) -> None:
    result = ask(shop, case)
    assert result.outcome == case["outcome"]
    assert "best" not in case or result.candidates[0].article == case["best"]
    assert [answer.article for answer in result.also] == case.get("also", [])
    assert "language" not in case or (result.answer is not None and result.answer.language == case["language"])


@pytest.mark.parametrize("case", STEPPED, ids=lambda case: case["name"])
def test_they_are_not_without_the_step(shop: Snapshot, case: dict[str, Any]) -> None:
    assert ask(without(shop, case["step"]), case).outcome == case["before"] != case["outcome"]


@pytest.mark.parametrize("case", STEPPED, ids=lambda case: case["name"])
def test_no_other_step_does_it(shop: Snapshot, case: dict[str, Any]) -> None:
    others = [step for step in STEPS if step != case["step"]]
    found = {step: ask(without(shop, step), case) for step in others}
    assert {step: (one.outcome, one.candidates[0].article) for step, one in found.items()} == dict.fromkeys(
        others, (case["outcome"], case["best"])
    )

"""The index that ships is the one that would be built from the sample shop's texts."""

import numpy as np
import pytest

from bot.bootstrap.sample import load_sample
from core.database import Database
from knowledge_base import prebuilt
from knowledge_base.encoding import encode_texts
from knowledge_base.plans import read_plan
from knowledge_base.questions import SynonymTable
from knowledge_base.semantic import load_embedder
from knowledge_base.shelf import Shelf
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.training import fit
from knowledge_base.values import Outcome, SearchContext, SearchResult
from tests.support.clock import FakeClock
from tests.support.knowledge import load_shipped_sample, read_sample_articles

_REMEDY = "make it anew: python -m tools.sample_index"


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return load_shipped_sample()


async def test_it_is_the_one_that_a_new_shop_asks_for(database: Database, clock: FakeClock) -> None:
    await load_sample(database, clock, "test")
    async with database.read() as session:
        plan = await read_plan(session, clock.now(), load_embedder()[0].name)
    assert prebuilt.archive_of(plan.name).is_file(), _REMEDY
    assert len(list(prebuilt.FOLDER.iterdir())) == 1, _REMEDY


def test_it_holds_the_samples_texts(shipped: Snapshot) -> None:
    held = [(one.key, one.language, one.question, one.phrasings, one.answer) for one in shipped.shelf.articles]
    texts = [(one.key, one.language, one.question, one.phrasings, one.answer) for one in read_sample_articles()]
    assert sorted(held) == sorted(texts), _REMEDY


def test_it_was_read_as_texts_are_read_now(shipped: Snapshot) -> None:
    assert Shelf.of(read_sample_articles(), SynonymTable(shipped.synonyms)).texts == shipped.shelf.texts, _REMEDY


def test_its_vectors_are_those_of_the_packaged_models(shipped: Snapshot) -> None:
    some = list(range(0, len(shipped.shelf.texts), 61))
    anew = encode_texts([shipped.shelf.texts[row] for row in some], shipped.encoder)
    assert np.allclose(anew.vectors, shipped.near.rows.vectors[some], atol=0.01), _REMEDY


@pytest.mark.soak
def test_it_answers_like_one_built_now(shipped: Snapshot) -> None:
    built = fit(build_snapshot(read_sample_articles(), shipped.encoder.embedder))
    for text in shipped.shelf.texts:
        one, other = (snapshot.search(text, SearchContext()) for snapshot in (shipped, built))
        assert _told(one) == _told(other)


def _told(result: SearchResult) -> tuple[Outcome, str | None]:
    return result.outcome, result.answer.article if result.answer else None

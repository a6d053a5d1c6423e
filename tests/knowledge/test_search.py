"""What customers get from the search, in the smallest of knowledge bases."""

from dataclasses import replace
from pathlib import Path

from knowledge_base.semantic import NoEmbedder
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.training import probe
from knowledge_base.values import IndexedArticle, Outcome, SearchContext

SHIPPING = IndexedArticle("shipping", "en", 1, "How long does shipping take?", ("when does it arrive",), "Three days.")
SHIPPING_ZH = IndexedArticle("shipping", "zh", 1, "快递几天能到？", ("多久发货",), "三天。")
RETURNS = IndexedArticle("returns", "en", 1, "Can I return the tea?", ("send it back",), "Within 7 days.")


def small_base() -> Snapshot:
    return build_snapshot([SHIPPING, SHIPPING_ZH, RETURNS], NoEmbedder())


def test_a_question_as_it_stands_in_the_base_is_answered() -> None:
    result = small_base().search("how long does shipping take")
    assert result.outcome is Outcome.ANSWER
    assert result.answer is not None
    assert result.answer.text == "Three days."


def test_traditional_script_and_full_width_find_the_same_article() -> None:
    assert small_base().search("快遞幾天能到？").candidates[0].article == "shipping"


def test_a_saved_snapshot_answers_as_the_built_one(tmp_path: Path) -> None:
    built = small_base()
    built.save(tmp_path)
    loaded = Snapshot.load(tmp_path, NoEmbedder())
    assert loaded.search("return tea") == built.search("return tea")
    assert loaded.content_hash == built.content_hash


def test_an_empty_base_answers_nothing() -> None:
    assert build_snapshot([], NoEmbedder()).search("hello").outcome is Outcome.NONE


def test_what_only_an_answer_says_finds_its_article() -> None:
    garden = IndexedArticle("garden", "en", 1, "Who are you?", (), "A family that grows **longjing** near Hangzhou.")
    silent = build_snapshot([replace(garden, answer=""), RETURNS], NoEmbedder())
    about = build_snapshot([garden, RETURNS], NoEmbedder())
    asked = "do you grow longjing near hangzhou"
    assert about.search(asked).candidates[0].article == "garden"
    assert about.search(asked).confidence > silent.search(asked).confidence


def test_a_wording_tells_more_than_an_answer_in_the_same_words() -> None:
    said = IndexedArticle("a-said", "en", 1, "Hours", (), "We gift wrap every parcel.")
    asked = IndexedArticle("b-asked", "en", 1, "Hours", ("we gift wrap every parcel.",))
    found = build_snapshot([said, asked], NoEmbedder()).search("we gift wrap every parcel")
    assert [candidate.article for candidate in found.candidates] == ["b-asked", "a-said"]


def test_confidence_is_not_fitted_on_answers_as_if_customers_asked_them() -> None:
    shop = small_base()
    wordings = int((~shop.shelf.answers).sum())
    assert (wordings, len(shop.shelf.texts)) == (6, 9)
    assert len(probe(shop)) == 2 * wordings  # left out, and without its article


def test_what_stands_in_an_answer_alone_is_still_heard_as_a_slip() -> None:
    duty = IndexedArticle("duty", "zh", 1, "关税谁付", (), "收件人付。")
    tap = IndexedArticle("tap", "zh", 1, "厨房漏了怎么办", (), "先关水，再打电话。")
    assert build_snapshot([duty, tap], NoEmbedder())._reader.read("关水谁付", SearchContext()).others == ("关税谁付",)


def test_an_answer_without_a_word_is_no_text_to_find_an_article_by() -> None:
    smile = IndexedArticle("smile", "en", 1, "How are you?", (), ":-) {hours}")
    assert build_snapshot([smile], NoEmbedder()).shelf.texts == ("how are you?",)

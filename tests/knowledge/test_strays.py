"""Without labels each wording of an article is asked as if it were new: which of them lead elsewhere."""

from dataclasses import replace

from knowledge_base.leave_one_out import find_strays
from knowledge_base.semantic import NoEmbedder
from knowledge_base.snapshot import build_snapshot
from knowledge_base.values import IndexedArticle

SHIPPING = IndexedArticle("shipping", "en", 1, "How long does shipping take?", ("how long does the shipping take",))
RETURNS = IndexedArticle("returns", "en", 1, "How do I return the tea?", ("how do i return tea", "can i return tea"))


def test_a_wording_of_another_article_is_named() -> None:
    shop = build_snapshot([SHIPPING, RETURNS], NoEmbedder())
    edited = replace(SHIPPING, phrasings=(*SHIPPING.phrasings, "can I return the tea"))

    (stray,) = find_strays(shop, [edited])

    assert (stray.key, stray.wording, stray.other) == ("shipping", "can I return the tea", "returns")
    assert stray.question == RETURNS.question


def test_wordings_that_find_their_own_are_not() -> None:
    shop = build_snapshot([SHIPPING, RETURNS], NoEmbedder())
    assert find_strays(shop, [SHIPPING, RETURNS]) == []


def test_an_article_with_one_wording_or_alone_has_nothing_to_be_asked() -> None:
    assert find_strays(build_snapshot([RETURNS], NoEmbedder()), [replace(SHIPPING, phrasings=())]) == []
    assert find_strays(build_snapshot([RETURNS], NoEmbedder()), [RETURNS]) == []
    assert find_strays(build_snapshot([], NoEmbedder()), [RETURNS]) == []


def test_another_articles_answer_leads_nowhere() -> None:
    answered = replace(RETURNS, answer="How fast is the delivery of tea?")
    edited = replace(SHIPPING, phrasings=(*SHIPPING.phrasings, "how fast is the delivery of tea"))
    assert find_strays(build_snapshot([SHIPPING, answered], NoEmbedder()), [edited]) == []
    asked = replace(RETURNS, phrasings=(*RETURNS.phrasings, answered.answer))
    assert len(find_strays(build_snapshot([SHIPPING, asked], NoEmbedder()), [edited])) == 1

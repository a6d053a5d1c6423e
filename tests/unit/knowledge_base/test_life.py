"""An article goes from draft to review to published to archived, and back only in ways that make sense."""

import pytest

from knowledge_base.life import IllegalMove, check_move
from knowledge_base.values import ArticleStatus

DRAFT, REVIEW, PUBLISHED, ARCHIVED = ArticleStatus


#: From each state those that it may pass into as it is; every other move is refused.
LEGAL = {
    # sent to review; published where the shop wants no review; given up
    DRAFT: {DRAFT, REVIEW, PUBLISHED, ARCHIVED},
    # sent back to its author; published; given up
    REVIEW: {DRAFT, REVIEW, PUBLISHED, ARCHIVED},
    # what customers get can only be taken away
    PUBLISHED: {PUBLISHED, ARCHIVED},
    # brought back, as it was or to be worked on
    ARCHIVED: {DRAFT, REVIEW, PUBLISHED, ARCHIVED},
}


def is_legal(before: ArticleStatus, after: ArticleStatus, *, has_new_words: bool = False) -> bool:
    try:
        check_move(before, after, has_new_words=has_new_words)
    except IllegalMove:
        return False
    return True


@pytest.mark.parametrize("before", ArticleStatus)
def test_what_each_state_may_become_as_it_is(before: ArticleStatus) -> None:
    assert {after for after in ArticleStatus if is_legal(before, after)} == LEGAL[before]


@pytest.mark.parametrize("before", ArticleStatus)
def test_new_words_begin_anew_whatever_was_there(before: ArticleStatus) -> None:
    assert all(is_legal(before, after, has_new_words=True) for after in ArticleStatus)


@pytest.mark.parametrize("after", [DRAFT, REVIEW])
def test_what_customers_get_is_no_draft_until_its_words_change(after: ArticleStatus) -> None:
    with pytest.raises(IllegalMove, match="published article cannot become"):
        check_move(PUBLISHED, after)
    assert is_legal(PUBLISHED, after, has_new_words=True)

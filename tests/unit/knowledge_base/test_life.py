"""An article goes from draft to review to published to archived, and back only in ways that make sense."""

import pytest

from knowledge_base.life import IllegalMove, check_move
from knowledge_base.values import ArticleStatus

DRAFT, REVIEW, PUBLISHED, ARCHIVED = ArticleStatus


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # the way forward
        (DRAFT, REVIEW), (REVIEW, PUBLISHED), (PUBLISHED, ARCHIVED),
        # without a review, where the shop wants none
        (DRAFT, PUBLISHED),
        # sent back to its author
        (REVIEW, DRAFT),
        # given up
        (DRAFT, ARCHIVED), (REVIEW, ARCHIVED),
        # brought back, as it was or to be worked on
        (ARCHIVED, PUBLISHED), (ARCHIVED, DRAFT), (ARCHIVED, REVIEW),
    ],
)  # fmt: skip
def test_legal_moves(before: ArticleStatus, after: ArticleStatus) -> None:
    check_move(before, after)


@pytest.mark.parametrize("after", [DRAFT, REVIEW])
def test_what_customers_get_is_no_draft_until_its_words_change(after: ArticleStatus) -> None:
    with pytest.raises(IllegalMove, match="published article cannot become"):
        check_move(PUBLISHED, after)
    check_move(PUBLISHED, after, has_new_words=True)


def test_nothing_is_archived_by_an_edit_that_changes_it() -> None:
    check_move(ARCHIVED, PUBLISHED, has_new_words=True)
    check_move(ARCHIVED, ARCHIVED)

"""Which status may follow which: draft -> review -> published -> archived, and back. Pure."""

from collections.abc import Mapping

from core.errors import Conflict
from knowledge_base.values import ArticleStatus

_DRAFT, _REVIEW, _PUBLISHED, _ARCHIVED = ArticleStatus

#: What an article may become with the words that it has.
MOVES: Mapping[ArticleStatus, frozenset[ArticleStatus]] = {
    _DRAFT: frozenset({_DRAFT, _REVIEW, _PUBLISHED, _ARCHIVED}),
    _REVIEW: frozenset({_REVIEW, _DRAFT, _PUBLISHED, _ARCHIVED}),
    _PUBLISHED: frozenset({_PUBLISHED, _ARCHIVED}),
    _ARCHIVED: frozenset({_ARCHIVED, _DRAFT, _REVIEW, _PUBLISHED}),
}


class IllegalMove(Conflict):
    code = "illegal_move"


def check_move(before: ArticleStatus, after: ArticleStatus, *, has_new_words: bool = False) -> None:
    """New words begin a draft whatever was there; the words that customers get can only be archived.

    Raises:
        IllegalMove
    """
    if after in MOVES[before] or (has_new_words and after is not _ARCHIVED):
        return
    raise IllegalMove(
        f"a {before.value} article cannot become {after.value} as it is: change its words first, or archive it",
        {"status": before.value},
    )

"""A ticket moves as its one table says, and not otherwise."""

import pytest

from tickets.status import MOVES, Move, after, is_legal
from tickets.values import IllegalMove, TicketStatus


@pytest.mark.parametrize(
    ("move", "before", "then"),
    [
        # somebody begins
        ("take", "new", "open"),
        # an answer begins it too
        ("reply", "new", "open"),
        # the customer answers what we asked
        ("said", "pending", "open"),
        # a third party is not hurried by the customer's words
        ("said", "on_hold", "on_hold"),
        # we wait for the customer, for the carrier
        ("pending", "open", "pending"),
        ("hold", "open", "on_hold"),
        # another date
        ("hold", "on_hold", "on_hold"),
        ("resume", "on_hold", "open"),
        ("resolve", "pending", "resolved"),
        ("reopen", "closed", "open"),
        ("close", "resolved", "closed"),
        # silence
        ("lapse", "pending", "closed"),
        ("withdraw", "new", "closed"),
        ("merge", "open", "closed"),
        # not at all
        ("resolve", "resolved", None),
        ("close", "open", None),
        ("take", "closed", None),
        ("withdraw", "resolved", None),
        ("reopen", "open", None),
        ("said", "closed", None),
        ("lapse", "open", None),
    ],
)
def test_moves(move: str, before: str, then: str | None) -> None:
    if then is None:
        with pytest.raises(IllegalMove):
            after(Move(move), TicketStatus(before))
    else:
        assert after(Move(move), TicketStatus(before)) is TicketStatus(then)


def test_every_move_can_be_made_from_somewhere_and_new_is_never_come_back_to() -> None:
    assert set(MOVES) == set(Move)
    for moves in MOVES.values():
        assert moves
        assert all(TicketStatus.NEW not in (to,) or before is TicketStatus.NEW for before, to in moves.items())


def test_a_closed_ticket_can_only_be_reopened() -> None:
    assert [move for move in Move if is_legal(move, TicketStatus.CLOSED)] == [Move.REOPEN]

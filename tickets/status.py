"""A ticket's life as one table: which move leads from where to where. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from tickets.values import IllegalMove, TicketStatus

_NEW, _OPEN, _PENDING = TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING
_HELD, _RESOLVED, _CLOSED = TicketStatus.ON_HOLD, TicketStatus.RESOLVED, TicketStatus.CLOSED


class Move(StrEnum):
    """What can be done to a ticket. `said`: the customer wrote; `lapse`: the customer kept silent for too long."""

    TAKE = "take"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    REPLY = "reply"
    SAID = "said"
    PEND = "pending"
    HOLD = "hold"
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    MERGE = "merge"


_STAYS = {_NEW: _NEW, _OPEN: _OPEN, _PENDING: _PENDING, _HELD: _HELD}
_BEGINS = {**_STAYS, _NEW: _OPEN}
_LIVE_TO_CLOSED = dict.fromkeys(_STAYS, _CLOSED)

MOVES: Mapping[Move, Mapping[TicketStatus, TicketStatus]] = {
    Move.TAKE: _BEGINS,
    Move.ASSIGN: _STAYS,
    Move.ESCALATE: _STAYS,
    Move.REPLY: {**_BEGINS, _RESOLVED: _RESOLVED},
    Move.SAID: {**_STAYS, _PENDING: _OPEN, _RESOLVED: _RESOLVED},
    Move.PEND: {_NEW: _PENDING, _OPEN: _PENDING, _HELD: _PENDING},
    Move.HOLD: {_NEW: _HELD, _OPEN: _HELD, _PENDING: _HELD, _HELD: _HELD},
    Move.RESUME: {_PENDING: _OPEN, _HELD: _OPEN},
    Move.RESOLVE: dict.fromkeys(_STAYS, _RESOLVED),
    Move.REOPEN: {_RESOLVED: _OPEN, _CLOSED: _OPEN},
    Move.CLOSE: {_RESOLVED: _CLOSED},
    Move.LAPSE: {_PENDING: _CLOSED, _RESOLVED: _CLOSED},
    Move.WITHDRAW: _LIVE_TO_CLOSED,
    Move.MERGE: _LIVE_TO_CLOSED,
}


def is_legal(move: Move, status: TicketStatus) -> bool:
    return status in MOVES[move]


def after(move: Move, status: TicketStatus) -> TicketStatus:
    """The status after `move`. Raises IllegalMove."""
    to = MOVES[move].get(status)
    if to is None:
        raise IllegalMove(f"a ticket that is {status.value} cannot do this: {move.value}", {"status": status.value})
    return to

"""What whoever looks at a case may do to it as it stands: the page shows no button that would be refused. Pure.

The verbs check for themselves once more: things move while a page is open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tickets.status import Move, is_legal
from tickets.values import TicketStatus


class Deed(StrEnum):
    """Each is a form of the page, or several that belong together."""

    TAKE = "take"
    REPLY = "reply"
    NOTE = "note"
    HAND_BACK = "hand_back"
    ESCALATE = "escalate"
    PEND = "pending"
    SNOOZE = "snooze"
    HOLD = "hold"
    PASS_ON = "pass_on"
    MERGE = "merge"
    OFFER = "offer"
    RESOLVE = "resolve"
    REOPEN = "reopen"


#: What the table of a case's life says of them.
_MOVES = {
    Deed.ESCALATE: Move.ESCALATE,
    Deed.PEND: Move.PEND,
    Deed.HOLD: Move.HOLD,
    Deed.PASS_ON: Move.ASSIGN,
    Deed.MERGE: Move.MERGE,
    Deed.RESOLVE: Move.RESOLVE,
    Deed.REOPEN: Move.REOPEN,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`may_work`: nobody's case, one's own, or a supervisor looks. `is_free`: nobody has it; `is_own`: the viewer has.

    `is_helper`: the viewer was asked to look in. `has_place`: its customer has written on some channel;
    `is_spoken_for`: somebody else speaks there; `is_speaking`: the viewer does; `is_taken`: a person speaks there about
    this very case.
    """

    status: TicketStatus
    may_work: bool
    is_free: bool = False
    is_own: bool = False
    is_helper: bool = False
    has_place: bool = True
    is_spoken_for: bool = False
    is_speaking: bool = False
    is_taken: bool = False


def doable(case: Standing) -> frozenset[Deed]:
    """Every deed that would not be refused."""
    return frozenset(_by_anybody(case)) | frozenset(_by_workers(case) if case.may_work else ())


def _by_anybody(case: Standing) -> Iterator[Deed]:
    if case.may_work or case.is_helper:
        yield Deed.NOTE


def _by_workers(case: Standing) -> Iterator[Deed]:
    yield from (deed for deed, move in _MOVES.items() if is_legal(move, case.status))
    is_to_take = case.is_free or (case.is_own and not case.is_speaking)
    if is_to_take and is_legal(Move.TAKE, case.status):
        yield Deed.TAKE
    if case.has_place and not case.is_spoken_for and is_legal(Move.REPLY, case.status):
        yield Deed.REPLY
    if case.status.is_live:
        yield Deed.SNOOZE
    if case.is_taken:
        yield Deed.HAND_BACK
    yield Deed.OFFER

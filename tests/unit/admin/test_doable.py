"""Which buttons a case shows: what whoever looks may do to it as it stands."""

import pytest

from admin.pages.doable import Deed, Standing, doable
from tickets.values import TicketStatus

NEW, OPEN, PENDING = TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.PENDING
RESOLVED, CLOSED = TicketStatus.RESOLVED, TicketStatus.CLOSED
MINE = {"may_work": True, "is_own": True, "is_speaking": True, "is_taken": True}

LIVE = {
    Deed.ESCALATE, Deed.PEND, Deed.HOLD, Deed.PASS_ON, Deed.MERGE, Deed.RESOLVE, Deed.SNOOZE, Deed.NOTE, Deed.OFFER,
    Deed.REPLY,
}  # fmt: skip

CASES = [
    # Nobody's: whoever takes it, or answers at once.
    (Standing(NEW, may_work=True, is_free=True), LIVE | {Deed.TAKE}),
    # In one's hands, talking: nothing to take, the bot can have it back.
    (Standing(OPEN, **MINE), LIVE | {Deed.HAND_BACK}),
    # Given to me at the end of a shift: I take it to talk.
    (Standing(OPEN, may_work=True, is_own=True), LIVE | {Deed.TAKE}),
    # It waits for the customer already.
    (Standing(PENDING, **MINE), (LIVE | {Deed.HAND_BACK}) - {Deed.PEND}),
    # A colleague's, and I am an agent: to read.
    (Standing(OPEN, may_work=False, is_spoken_for=True, is_taken=True), set()),
    # A colleague's who asked me to look in: I note what I know.
    (Standing(OPEN, may_work=False, is_helper=True, is_spoken_for=True, is_taken=True), {Deed.NOTE}),
    # A colleague's, and I am a supervisor: I pass it on or end it, and do not speak over them.
    (Standing(OPEN, may_work=True, is_spoken_for=True, is_taken=True), (LIVE | {Deed.HAND_BACK}) - {Deed.REPLY}),
    # The customer never wrote on any channel.
    (Standing(OPEN, may_work=True, is_own=True, has_place=False), (LIVE | {Deed.TAKE}) - {Deed.REPLY}),
    # Solved: a last word, or open it again.
    (Standing(RESOLVED, may_work=True, is_own=True), {Deed.REPLY, Deed.NOTE, Deed.OFFER, Deed.REOPEN}),
    # Closed: no words any more.
    (Standing(CLOSED, may_work=True, is_own=True), {Deed.NOTE, Deed.OFFER, Deed.REOPEN}),
]


@pytest.mark.parametrize(("case", "deeds"), CASES)
def test_a_case_shows_what_would_not_be_refused(case: Standing, deeds: set[Deed]) -> None:
    assert doable(case) == deeds

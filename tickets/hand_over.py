"""What is promised to a customer who asks for a person: by when they hear from one, and whether anybody is there now.

Pure. The promise is the one that the ticket of the hand-over gets: the first answer to a question.
"""

from dataclasses import dataclass
from datetime import datetime

from tickets.facts import TicketFacts
from tickets.rules import TicketRules
from tickets.severity import score
from tickets.sla import Hours, choose, new_clock
from tickets.values import Target, TicketKind


@dataclass(frozen=True, slots=True)
class HandOver:
    """`answer_by` None: the rules promise nothing. `on_duty`: the team is there at this moment."""

    answer_by: datetime | None
    on_duty: bool


def promise_hand_over(rules: TicketRules, hours: Hours, now: datetime, facts: TicketFacts | None = None) -> HandOver:
    """By the calendar `hours` of the team that will answer. `facts`: what is known of who asks.

    Raises:
        NeverOpen: the calendar opens on no day of the coming year.
    """
    facts = (facts or TicketFacts()).model_copy(update={"kind": TicketKind.QUESTION})
    clock = new_clock(choose(facts, score(facts, rules).severity, rules), Target.FIRST_RESPONSE, now)
    return HandOver(clock.due_at(hours) if clock else None, hours.open.is_open(now))

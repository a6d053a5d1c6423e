"""A customer whom the shop wants to write to many times: what the contact policy lets out, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from conversations.contact_policy import UNASKED, Contact, Decision, History, Recipient, Verdict, Wanted, may_send
from conversations.contact_rules import CONTACT, ContactRules

RULES = CONTACT.parse(CONTACT.shipped)
Policy = Callable[[Wanted, Recipient, History, datetime, ContactRules], Decision]


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to say from `due_at` on."""

    due_at: datetime
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Life:
    """`sent`: what went out, in order. `dropped`: what did not, with the last decision. `left`: what still waits."""

    sent: tuple[Contact, ...]
    dropped: tuple[tuple[Wish, Decision], ...]
    left: tuple[Wish, ...]


def live(customer: Recipient, wishes: Sequence[Wish], policy: Policy = may_send, rules: ContactRules = RULES) -> Life:
    """Asks about each wish when it is due, and again when the policy says so, as the outbox does."""
    queue = sorted(((wish.due_at, number, wish) for number, wish in enumerate(wishes)), key=lambda entry: entry[:2])
    sent: list[Contact] = []
    dropped: list[tuple[Wish, Decision]] = []
    for _ in range(100 * len(wishes)):
        if not queue:
            break
        now, number, wish = queue.pop(0)
        decision = policy(wish.wanted, customer, History(tuple(sent)), now, rules)
        if decision.verdict is Verdict.SEND:
            sent.append(Contact(now, wish.wanted.kind, wish.wanted.survey))
        elif decision.verdict is Verdict.SKIP:
            dropped.append((wish, decision))
        else:
            assert decision.until is not None
            assert decision.until > now, "a wait that ends at once would be asked about for ever"
            queue = sorted([*queue, (decision.until, number, wish)], key=lambda entry: entry[:2])
    return Life(tuple(sent), tuple(dropped), tuple(wish for _, _, wish in queue))


def faults_of(life: Life, zone: ZoneInfo, rules: ContactRules = RULES) -> list[str]:
    """Everything in a life that the shipped rules forbid, counted anew from the instants alone."""
    unasked = [contact.at for contact in life.sent if contact.kind in UNASKED]
    surveys = [contact.at for contact in life.sent if contact.survey]
    faults = [f"in the night: {c.at.astimezone(zone)}" for c in life.sent if _is_night(c.at.astimezone(zone).time())]
    for most, days in ((1, 1), (2, 7), (4, 30)):
        faults += _over(unasked, most, days)
    faults += [f"survey, {fault}" for fault in _over(surveys, 1, 90)]
    faults += ["waits for ever"] * len(life.left)
    return faults


def _is_night(wall: time) -> bool:
    return not time(9) <= wall < time(21)


def _over(instants: list[datetime], most: int, days: int) -> list[str]:
    window = timedelta(days=days)
    return [
        f"more than {most} within {days} days up to {last}"
        for last in instants
        if sum(last - window < at <= last for at in instants) > most
    ]

"""`/cases`: where one's complaint stands; adding to it, withdrawing it."""

from dataclasses import replace

from conversations.case_facts import Case
from conversations.days import by_words
from conversations.dialogues import buttons
from conversations.dialogues.offers import offer_says, own_says
from conversations.dialogues.ratings import ask_if_solved
from conversations.intents import Meaning
from conversations.memory import AddingToCase, Choice, Idle, Withdrawing
from conversations.steps import AddToCase, ChoiceRows, Moment, Rows, Say, Step, WithdrawCase
from tickets.values import Resolution, TicketStatus

_LONGEST_LABEL = 40
_MOST = 6
_SEE_OFFERS = Choice(token="offer_list", text_key="button.see_offers")
#: How it ended without the customer, in words.
_ENDED = {Resolution.SILENT: "case.closed_silent", Resolution.WITHDRAWN: "case.withdrawn_by_us"}
_STANDS = {
    TicketStatus.NEW: "case.is_new",
    TicketStatus.OPEN: "case.is_open",
    TicketStatus.PENDING: "case.is_pending",
    TicketStatus.ON_HOLD: "case.is_on_hold",
    TicketStatus.RESOLVED: "case.is_resolved",
    TicketStatus.CLOSED: "case.is_closed",
}


def _list(moment: Moment) -> Step:
    """The cases, and what came of them: vouchers, points, offers to be answered."""
    facts = moment.facts
    cases, owned = facts.cases.cases, tuple(own_says(facts.cases, facts.language))
    if len(cases) == 1:
        return _show(moment, cases[0])
    if cases:
        offers = (_SEE_OFFERS,) if facts.cases.offers else ()
        step = _which(moment, cases[:_MOST], "case", offers)
        return replace(step, says=(*owned, *step.says))
    if owned or facts.cases.offers:
        return moment.reply(*owned, *offer_says(facts), dialogue=Idle(), misses=0)
    return moment.reply(Say("case.none", choices=(buttons.WRONG, buttons.PERSON)), dialogue=Idle())


def ended_say(case: Case) -> Say:
    """It was closed because nothing came, or withdrawn for the customer; one press brings it back."""
    slots = {"number": str(case.number), "fact": case.subject}
    again = Choice(token="not_solved", text_key="button.not_solved_yet", value=str(case.number))
    return Say(_ENDED[case.resolution or Resolution.SILENT], slots, (again,))


def _which(moment: Moment, cases: tuple[Case, ...], token: str, more: tuple[Choice, ...] = ()) -> Step:
    choices = tuple(
        Choice(token=token, words=f"{case.number} {case.subject}"[:_LONGEST_LABEL], value=str(case.number))
        for case in cases
    )
    return moment.reply(Say("case.which", choices=(*choices, *more)), dialogue=Idle())


def _show(moment: Moment, case: Case) -> Step:
    facts = moment.facts
    is_promised = case.answer_by is not None and facts.staffed
    by = by_words(case.answer_by, facts.now, facts.cases.zone, facts.language) if is_promised else ""
    slots = {"number": str(case.number), "fact": case.subject, "order": case.order or "", "by": by}
    below = ("case.noted_order" if case.order else "", "case.promised" if by else "")
    choices = (_choice("case_add", case), _choice("case_withdraw", case)) if case.status.is_live else ()
    stands = "case.is_new_nobody" if case.status is TicketStatus.NEW and not facts.staffed else _STANDS[case.status]
    said = Say(stands, slots, choices, below=tuple(line for line in below if line))
    owned = own_says(facts.cases, facts.language)
    if case.score_at is None and case.may_be_rated(facts.now):
        question, rating = ask_if_solved(case)
        return moment.reply(said, *owned, question, dialogue=rating, misses=0)
    return moment.reply(said, *owned, *offer_says(facts), dialogue=Idle(), misses=0)


def _choice(token: str, case: Case) -> Choice:
    return Choice(token=token, text_key=f"button.{token}", value=str(case.number))


def _chosen(moment: Moment) -> Case | None:
    value = moment.intent.choice.value if moment.intent.choice else ""
    return moment.facts.cases.find(int(value)) if value.isdecimal() else None


def _open(moment: Moment) -> Step:
    case = _chosen(moment)
    return _show(moment, case) if case else _expired(moment)


def _expired(moment: Moment) -> Step:
    return moment.reply(Say("choice.expired"), dialogue=Idle())


def _ask_to_add(moment: Moment) -> Step:
    case = _chosen(moment)
    if case is None or not case.status.is_live:
        return _expired(moment)
    return moment.reply(Say("case.ask_add"), dialogue=AddingToCase(number=case.number))


def _add(moment: Moment) -> Step:
    dialogue = moment.memory.dialogue
    case = moment.facts.cases.find(dialogue.number) if isinstance(dialogue, AddingToCase) else None
    if case is None or not case.status.is_live:
        return _expired(moment)
    slots = {"number": str(case.number)}
    effects = (AddToCase(case.number, moment.intent.words),)
    return moment.reply(Say("case.added", slots), effects=effects, dialogue=Idle(), misses=0)


def _withdrew(moment: Moment) -> Step:
    live = moment.facts.cases.live
    if not live:
        return moment.reply(Say("case.none_live", choices=(buttons.WRONG, buttons.PERSON)), dialogue=Idle())
    return _make_sure(moment, live[0]) if len(live) == 1 else _which(moment, live[:_MOST], "case_withdraw")


def _chose_to_withdraw(moment: Moment) -> Step:
    case = _chosen(moment)
    return _make_sure(moment, case) if case and case.status.is_live else _expired(moment)


def _make_sure(moment: Moment, case: Case) -> Step:
    slots = {"number": str(case.number), "fact": case.subject}
    choices = (
        Choice(token="case_gone", text_key="button.case_withdraw", value=str(case.number), means="yes"),
        Choice(token="case_stays", text_key="button.case_stays", means="no"),
    )
    return moment.reply(Say("case.withdraw_sure", slots, choices), dialogue=Withdrawing(number=case.number))


def _withdraw(moment: Moment) -> Step:
    case = _chosen(moment)
    if case is None or case.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        return _expired(moment)
    slots = {"number": str(case.number)}
    effects = (WithdrawCase(case.number),)
    return moment.reply(Say("case.withdrawn", slots), effects=effects, dialogue=Idle(), misses=0)


def _stays(moment: Moment) -> Step:
    return moment.reply(Say("case.stays"), dialogue=Idle())


ROWS: Rows = {
    (Meaning.ASKED_CASES, None): _list,
    (Meaning.WITHDREW, None): _withdrew,
    (Meaning.ASKED, "adding_to_case"): _add,
    (Meaning.COMPLAINED, "adding_to_case"): _add,
    (Meaning.ATTACHED, "adding_to_case"): _add,
    (Meaning.CANCELLED, "adding_to_case"): _stays,
    (Meaning.CANCELLED, "withdrawing"): _stays,
}
CHOICES: ChoiceRows = {
    "case": _open,
    "case_add": _ask_to_add,
    "case_withdraw": _chose_to_withdraw,
    "case_gone": _withdraw,
    "case_stays": _stays,
}
NEEDS_CASES = frozenset({Meaning.ASKED_CASES, Meaning.WITHDREW, *CHOICES})

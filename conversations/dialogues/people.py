"""Asking for a person, waiting for one, telling what went wrong, and things only a person can look at."""

from dataclasses import replace
from datetime import timedelta

from conversations.days import by_words
from conversations.dialogues import buttons
from conversations.intents import Meaning
from conversations.memory import Idle, Offering, Reporting
from conversations.steps import (
    AddToCase,
    AskForPerson,
    ChoiceRows,
    Effect,
    Facts,
    Moment,
    PersonReason,
    Rows,
    Say,
    Step,
)
from conversations.values import AttachmentKind, Owner
from core.shop_facts import Localised
from tickets.values import TicketKind

#: The wait is repeated at most this often.
REPEAT_WAIT = timedelta(hours=3)

_KEPT = {
    AttachmentKind.PHOTO: "attachment.photo",
    AttachmentKind.VOICE: "attachment.voice",
    AttachmentKind.AUDIO: "attachment.voice",
    AttachmentKind.VIDEO: "attachment.video",
    AttachmentKind.LOCATION: "attachment.location",
    AttachmentKind.CONTACT: "attachment.contact",
}


def pass_on(moment: Moment, reason: PersonReason, above: tuple[str, ...] = ()) -> Step:
    """Calls a person, or says that one was called already."""
    facts = moment.facts
    if facts.owner is Owner.WAITING:
        return moment.reply(_still_waiting(facts), dialogue=Idle(), misses=0)
    key = "person.nobody" if not facts.staffed else "person.passed" if facts.cases.on_duty else "person.passed_off"
    effects = (*call(moment, reason), *moment.feedback(None, "person"))
    say = with_hours(Say(key, above=above), facts)
    return moment.reply(say, effects=effects, dialogue=Idle(), misses=0, wait_told_at=facts.now)


def with_hours(say: Say, facts: Facts) -> Say:
    """With the shop's opening hours below, where it has told them and its own wording does not name them already."""
    own = facts.shop.texts.get(say.key, Localised())
    if not facts.shop.hours_text.pick(facts.language) or "{hours}" in getattr(own, facts.language):
        return say
    return replace(say, below=(*say.below, "person.hours"))


def call(moment: Moment, reason: PersonReason) -> tuple[Effect, ...]:
    """Asks for a person, unless that was done already."""
    if moment.facts.owner is Owner.WAITING:
        return ()
    text = moment.memory.last_question or moment.intent.words
    return (AskForPerson(reason, moment.facts.language, text, moment.facts.staffed),)


def remind_of_wait(step: Step, facts: Facts) -> Step:
    """Says again, at most every three hours, that somebody will come; marks what a machine says meanwhile."""
    if facts.owner is not Owner.WAITING or not step.says:
        return step
    says = tuple(_marked(say) for say in step.says)
    told_at = step.memory.wait_told_at
    if any(say.key.startswith("person.still") for say in says):
        told_at = facts.now
    elif told_at is None or facts.now - told_at >= REPEAT_WAIT:
        says, told_at = (_still_waiting(facts), *says), facts.now
    return replace(step, says=says, memory=step.memory.model_copy(update={"wait_told_at": told_at}))


def offer_to_pass_on(moment: Moment) -> Step:
    """What was sent is kept; only a person can look at it."""
    if moment.facts.owner is Owner.WAITING:
        return noted(moment)
    kinds = [kind for kind in moment.intent.attachments if kind is not AttachmentKind.STICKER]
    key = _KEPT.get(kinds[0], "attachment.file") if kinds else "attachment.file"
    return moment.reply(Say(key, choices=(buttons.PASS_ON, buttons.NOT_NOW)), dialogue=Offering())


def noted(moment: Moment) -> Step:
    """A person will read it with the rest, in the case too; that is said once, and again after three hours."""
    now, noted_at = moment.facts.now, moment.memory.noted_at
    if noted_at is not None and now - noted_at < REPEAT_WAIT:
        return moment.reply(effects=add_to_case(moment), dialogue=Idle())
    return moment.reply(Say("person.noted"), effects=add_to_case(moment), dialogue=Idle(), noted_at=now)


def add_to_case(moment: Moment) -> tuple[Effect, ...]:
    """The words as a part of what is talked about, or of the customer's newest live complaint."""
    number = moment.facts.cases.current
    if number is None:
        case = moment.facts.cases.find_live(TicketKind.COMPLAINT)
        number = case.number if case else None
    return (AddToCase(number, moment.intent.words),) if number is not None else ()


def _still_waiting(facts: Facts) -> Say:
    if not facts.staffed:
        return with_hours(Say("person.still_nobody"), facts)
    cases = facts.cases
    due = cases.answer_by if cases.answer_by is not None and cases.answer_by > facts.now else None
    return Say("person.still", {"by": by_words(due, facts.now, cases.zone, facts.language)})


def _marked(say: Say) -> Say:
    return replace(say, above=("person.automatic", *say.above)) if say.key == "answer.text" else say


def _asked(moment: Moment) -> Step:
    return pass_on(moment, PersonReason.ASKED)


def _accepted(moment: Moment) -> Step:
    if moment.memory.dialogue.kind == "offering":
        return pass_on(moment, PersonReason.ATTACHMENT)
    return pass_on(moment, PersonReason.NOT_HELPED if moment.memory.misses else PersonReason.ASKED)


def _declined(moment: Moment) -> Step:
    return moment.reply(Say("missed.declined"), dialogue=Idle(), misses=0)


def _missed(moment: Moment) -> Step:
    """ "Is anybody there": a greeting, unless a person was promised."""
    if moment.facts.owner is Owner.WAITING:
        return moment.reply(_still_waiting(moment.facts))
    return moment.reply(Say("greeting.again"))


def _ask_what_happened(moment: Moment) -> Step:
    return moment.reply(Say("wrong.ask"), dialogue=Reporting())


def _cancel_report(moment: Moment) -> Step:
    return moment.reply(Say("wrong.cancelled"), dialogue=Idle())


ROWS: Rows = {
    (Meaning.ASKED_PERSON, None): _asked,
    (Meaning.MISSED_PERSON, None): _missed,
    (Meaning.ATTACHED, None): offer_to_pass_on,
    (Meaning.WENT_WRONG, None): _ask_what_happened,
    (Meaning.SAID_NO, "reporting"): _cancel_report,
    (Meaning.CANCELLED, "reporting"): _cancel_report,
    (Meaning.SAID_YES, "reporting"): _ask_what_happened,
    (Meaning.CANCELLED, "offering"): _declined,
}
CHOICES: ChoiceRows = {"person": _accepted, "not_now": _declined, "wrong": _ask_what_happened}
NEEDS_CASES = frozenset({Meaning.ASKED_PERSON, "person"})

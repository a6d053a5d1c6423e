"""Asking for a person, waiting for one, telling what went wrong, and things only a person can look at."""

from dataclasses import replace
from datetime import timedelta

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
    if moment.facts.owner is Owner.WAITING:
        return moment.reply(_still_waiting(moment.facts), dialogue=Idle(), misses=0)
    said = Say(_by_duty(moment.facts, "person.passed", "person.nobody"), above=above)
    effects = (AskForPerson(reason), *moment.feedback(None, "person"))
    return moment.reply(said, effects=effects, dialogue=Idle(), misses=0, wait_told_at=moment.facts.now)


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
    """A person will read it with the rest; what they wait with, if it is a ticket, holds it too."""
    return moment.reply(Say("person.noted"), effects=add_to_case(moment), dialogue=Idle())


def add_to_case(moment: Moment) -> tuple[Effect, ...]:
    """The words as a part of the customer's newest live complaint; none where there is no such thing."""
    case = moment.facts.cases.find_live(TicketKind.COMPLAINT)
    return (AddToCase(case.number, moment.intent.words),) if case else ()


def _still_waiting(facts: Facts) -> Say:
    return Say(_by_duty(facts, "person.still", "person.still_nobody"))


def _by_duty(facts: Facts, key: str, nobody: str) -> str:
    if not facts.staffed:
        return nobody
    return f"{key}_hours" if facts.shop.hours_text.pick(facts.language) else key


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

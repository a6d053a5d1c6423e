"""A promised time has passed: that is said, with a new one, and a call is offered."""

from datetime import datetime
from zoneinfo import ZoneInfo

from conversations.days import at_words, by_words
from conversations.dialogues import buttons
from conversations.memory import Choice, Idle
from conversations.steps import AskForCall, ChoiceRows, Moment, Rows, Say, Step
from conversations.values import Language


def say_late(
    said: datetime,
    again: datetime | None,
    calls: tuple[datetime, ...],
    now: datetime,
    zone: ZoneInfo,
    language: Language,
) -> Say:
    """We said `said` and it will be `again`; buttons offer a call at one of `calls`."""
    choices = tuple(
        Choice(token="call_back", words=at_words(at, now, zone, language), value=at.isoformat()) for at in calls
    )
    slots = {"said": at_words(said, now, zone, language), "by": by_words(again, now, zone, language)}
    return Say("person.late", slots, (*choices, buttons.NO_CALL))


def _book(moment: Moment) -> Step:
    """The number that is on file is called; another one can be sent."""
    choice = moment.intent.choice
    at = datetime.fromisoformat(choice.value) if choice else None
    if at is None or at <= moment.facts.now:
        return moment.reply(Say("choice.expired"), dialogue=Idle())
    words = at_words(at, moment.facts.now, moment.facts.cases.zone, moment.facts.language)
    effects = (AskForCall(at, moment.facts.cases.current),)
    return moment.reply(Say("person.call_booked", {"at": words}), effects=effects, dialogue=Idle())


def _no_call(moment: Moment) -> Step:
    return moment.reply(Say("person.no_call"))


ROWS: Rows = {}
CHOICES: ChoiceRows = {"call_back": _book, "no_call": _no_call}

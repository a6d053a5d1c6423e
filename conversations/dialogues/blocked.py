"""A customer whom staff have blocked: told once, politely, and then kept in silence. A "stop" still holds."""

from datetime import datetime

from conversations.days import at_words
from conversations.intents import Intent, Meaning
from conversations.memory import Memory
from conversations.steps import Effect, Facts, Say, Step, StopMessages
from conversations.values import Owner


def blocked_step(memory: Memory, intent: Intent, facts: Facts, until: datetime) -> Step:
    """Words are kept by being in the timeline; nothing else comes of them."""
    effects: tuple[Effect, ...] = (StopMessages(),) if intent.meaning is Meaning.SAID_STOP else ()
    if memory.blocked_told == until or facts.owner is Owner.TAKEN:
        return Step(memory, effects=effects)
    said = Say("person.blocked", {"until": at_words(until, facts.now, facts.cases.zone, facts.language)})
    return Step(memory.model_copy(update={"blocked_told": until}), (said,), effects)

"""The first contact: that this is a machine, who runs it, and where the privacy note is. Said once."""

from dataclasses import replace

from conversations.dialogues import buttons
from conversations.steps import Facts, Say, Step

_GREETINGS = frozenset({"greeting.again", "greeting.start"})


def introduce(step: Step, facts: Facts) -> Step:
    """`step` with the introduction, in place of a greeting or before anything else."""
    if step.memory.introduced or not step.says:
        return step
    first, *rest = step.says
    says = (_long(facts), *rest) if first.key in _GREETINGS else (_short(facts), *step.says)
    return replace(step, says=says, memory=step.memory.model_copy(update={"introduced": True}))


def _long(facts: Facts) -> Say:
    greeting = facts.shop.greeting.pick(facts.language)
    key = "intro.sample" if facts.sample else "intro.own" if greeting else "intro.greeting"
    return Say(key, {"greeting": greeting}, choices=buttons.START, below=_notice(facts))


def _short(facts: Facts) -> Say:
    return Say("intro.short_sample" if facts.sample else "intro.short", below=_notice(facts))


def _notice(facts: Facts) -> tuple[str, ...]:
    has_link = bool(facts.shop.privacy_url)
    return ("intro.notice", "intro.privacy_link" if has_link else "intro.privacy")

"""What a follow-up carries through the outbox, and its words: filled in when it goes out. Pure."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from conversations.texts import Voice
from conversations.values import MessageKind
from core.shop_facts import Localised

_SLOT = re.compile(r"\{([^{}]*)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FollowUpButton(_Frozen):
    id: str
    label: Localised


class FollowUpPayload(_Frozen):
    """The template of one follow-up. `rule` cites its programme, `expects` tells how the answer is to be read.

    `more` stands below the text; `slots` are facts of the occasion. What the last look at it decided is in `decided`.
    """

    follow_up: int
    programme: str
    rule: str
    kind: MessageKind
    text: Localised
    more: Localised | None = None
    slots: dict[str, Localised] = {}
    expects: str | None = None
    questions: tuple[Localised, ...] = ()
    buttons: tuple[FollowUpButton, ...] = ()
    decided: dict[str, str] = {}


def compose(payload: FollowUpPayload, voice: Voice, name: str) -> str:
    """The whole text. Below what needs consent stands how to end it."""
    slots = {slot: words.pick(voice.language) for slot, words in payload.slots.items()}
    slots |= {"name": name, "shop": voice.shop_name}
    parts = [payload.text, *([payload.more] if payload.more else [])]
    said = "\n".join(fill(part.pick(voice.language), slots) for part in parts)
    return said if payload.kind is MessageKind.SERVICE else f"{said}\n\n{voice.say('follow_up.stop')}"


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Puts values into `{slots}`. What stands in square brackets is left out when a slot within it has no value."""
    first = _OPTIONAL.match(text)
    kept = _OPTIONAL.sub(lambda part: part[1] if _has_all(part[1], slots) else "", text)
    said = _SLOT.sub(lambda slot: slots.get(slot[1], ""), kept).strip()
    # A sentence whose beginning was left out begins with a capital all the same.
    return said[:1].upper() + said[1:] if first and not _has_all(first[1], slots) else said


def _has_all(part: str, slots: Mapping[str, str]) -> bool:
    return all(slots.get(slot) for slot in _SLOT.findall(part))

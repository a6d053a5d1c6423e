"""What a follow-up carries through the outbox, and its words: filled in when it goes out. Pure."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from conversations.prompts import PromptOption, Then
from conversations.texts import Voice
from conversations.values import MessageKind
from core.shop_facts import Localised
from tickets.gift_terms import GiftTerms
from tickets.values import GrantKind

_SLOT = re.compile(r"\{([^{}]*)\}")
_GIFTS = {
    GrantKind.VOUCHER: "follow_up.gift_voucher",
    GrantKind.POINTS: "follow_up.gift_points",
    GrantKind.GIFT: "follow_up.gift_gift",
}
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FollowUpPayload(_Frozen):
    """The template of one follow-up. `rule` cites its programme, `expects` tells how the answer is to be read.

    `more` stands below the text; `slots` are facts of the occasion. What the last look at it decided is in `decided`.
    `order`, `ticket`: the numbers of what it is about. `gift`: what comes along, or with an answer.
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
    buttons: tuple[PromptOption, ...] = ()
    order: str | None = None
    ticket: int | None = None
    gift: GiftTerms | None = None
    decided: dict[str, str] = {}

    @property
    def gives_at_once(self) -> bool:
        """Whether the gift comes along; else with the answer that brings it."""
        return self.gift is not None and not any(one.then is Then.GIFT for one in self.buttons)


def compose(payload: FollowUpPayload, voice: Voice, name: str, gift: Mapping[str, str] | None = None) -> str:
    """The whole text. Below what needs consent stands how to end it. `gift`: the slots of what was granted with it."""
    slots = {slot: words.pick(voice.language) for slot, words in payload.slots.items()}
    slots |= {"name": name, "shop": voice.shop_name}
    parts = [payload.text, *([payload.more] if payload.more else [])]
    lines = [fill(part.pick(voice.language), slots) for part in parts]
    if payload.gift is not None and gift is not None:
        lines.append(_gift_line(payload.gift, voice, {**slots, **gift}))
    if payload.expects == "scores" and payload.questions:
        first = payload.questions[0].pick(voice.language)
        lines.append(voice.say("follow_up.question", number="1", count=str(len(payload.questions)), words=first))
    said = "\n".join(lines)
    return said if payload.kind is MessageKind.SERVICE else f"{said}\n\n{voice.say('follow_up.stop')}"


def _gift_line(terms: GiftTerms, voice: Voice, slots: Mapping[str, str]) -> str:
    if terms.text is not None:
        return fill(terms.text.pick(voice.language), slots)
    return voice.say(_GIFTS[terms.kind], amount=slots["amount"], day=slots["day"])


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Puts values into `{slots}`. What stands in square brackets is left out when a slot within it has no value."""
    first = _OPTIONAL.match(text)
    kept = _OPTIONAL.sub(lambda part: part[1] if _has_all(part[1], slots) else "", text)
    said = _SLOT.sub(lambda slot: slots.get(slot[1], ""), kept).strip()
    # A sentence whose beginning was left out begins with a capital all the same.
    return said[:1].upper() + said[1:] if first and not _has_all(first[1], slots) else said


def _has_all(part: str, slots: Mapping[str, str]) -> bool:
    return all(slots.get(slot) for slot in _SLOT.findall(part))

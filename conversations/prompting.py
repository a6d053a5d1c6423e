"""Putting what a follow-up asks into the conversation: what is open then, its buttons, its gift. Nothing commits."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from conversations.amounts import amount_words
from conversations.days import day_words
from conversations.dialogues.prompt_choices import choices_of
from conversations.follow_up_words import FollowUpPayload
from conversations.memory import Menu, Prompted, read_memory, write_memory
from conversations.models import Conversation
from conversations.prompts import Prompt, PromptOption
from conversations.rendering import menu_buttons
from conversations.texts import Texts, Voice
from conversations.values import Button, Language, MessageKind
from core.database import WriteSession
from core.money import Money
from core.shop_facts import Localised
from tickets import gifts
from tickets.money_models import Grant
from tickets.policy import Policies

#: Who gives what programmes give.
PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Occasion:
    """A follow-up that is about to be said to a customer in a locked conversation."""

    payload: FollowUpPayload
    customer_id: int
    now: datetime


async def grant_gift(session: WriteSession, policies: Policies | None, occasion: Occasion) -> Grant | None:
    """What comes along with it, offered; None: nothing, or nothing more may be given."""
    terms = occasion.payload.gift
    if policies is None or terms is None or not occasion.payload.gives_at_once:
        return None
    work = await policies.work(session, occasion.now, PROGRAMME)
    return await gifts.offer_gift(work, occasion.customer_id, terms)


def gift_slots(grant: Grant, zone: ZoneInfo, language: Language) -> dict[str, str]:
    """What the line about the gift names."""
    assert grant.expires_at is not None, "an offer has an end"
    money = Money(grant.amount_minor, grant.currency)
    return {"amount": amount_words(money, language), "day": day_words(grant.expires_at.astimezone(zone), language)}


def open_prompt(conversation: Conversation, occasion: Occasion, offer: int | None, voice: Voice) -> tuple[Button, ...]:
    """Remembers what is asked; its buttons. News of one's own matters that ask nothing leave all as it is."""
    payload = occasion.payload
    if payload.kind is MessageKind.SERVICE and payload.expects is None:
        return ()
    memory, _readable = read_memory(conversation.state)
    prompt = _prompt(occasion, offer)
    menu = Menu(number=memory.menu.number + 1, choices=choices_of(prompt, voice.language))
    changes = {
        "dialogue": Prompted(), "menu": menu, "asked": prompt, "question_id": None, "last_question": None, "misses": 0,
    }  # fmt: skip
    conversation.state = write_memory(memory.model_copy(update=changes))
    conversation.version += 1
    return menu_buttons(menu, voice)


def _prompt(occasion: Occasion, offer: int | None) -> Prompt:
    payload = occasion.payload
    no_gift = (PromptOption(id="no", label=_both("button.not_now")),) if offer is not None else ()
    return Prompt(
        follow_up=payload.follow_up,
        programme=payload.programme,
        at=occasion.now,
        expects=payload.expects,
        options=(*payload.buttons, *no_gift),
        questions=payload.questions,
        order=payload.order,
        ticket=payload.ticket,
        gift=None if payload.gives_at_once else payload.gift,
        offer=offer,
    )


def _both(key: str) -> Localised:
    return Localised(**Texts.shipped().by_key[key])

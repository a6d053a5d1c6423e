"""Being recognised: by a one-time code, by one's own phone number; and a code for one's own second channel."""

from dataclasses import replace

from conversations.customer_facts import Check, Given
from conversations.dialogues import buttons
from conversations.dialogues.people import offer_to_pass_on
from conversations.intents import Intent, Meaning
from conversations.memory import Idle, Offering
from conversations.steps import ChoiceRows, JoinByPhone, MakeLinkCode, Moment, RedeemCode, Rows, Say, Step


def _ask_code(moment: Moment) -> Step:
    """Without a code: one to enter on the other channel."""
    return moment.reply(Say("link.code"), effects=(MakeLinkCode(),), dialogue=Idle())


def _gave_code(moment: Moment) -> Step:
    given = moment.intent.given or Given()
    if moment.facts.customer.check is Check.FITS and given.code:
        step = moment.reply(_joined(), effects=(RedeemCode(given.code),), dialogue=Idle())
    elif moment.facts.customer.check is Check.REFUSED:
        step = moment.reply(Say("link.refused"), dialogue=Idle())
    else:
        step = moment.reply(Say("link.invalid", choices=(buttons.PERSON,)), dialogue=Idle())
    return _greeted(step) if _is_start(moment.intent) else step


def _joined() -> Say:
    return Say("link.joined", choices=(buttons.PARCELS,))


def _is_start(intent: Intent) -> bool:
    return intent.text.lstrip().lower().startswith("/start")


def _greeted(step: Step) -> Step:
    memory = step.memory.model_copy(update={"introduced": False})
    return replace(step, memory=memory, says=(Say("greeting.start"), *step.says))


def _shared_phone(moment: Moment) -> Step:
    phone = moment.intent.given.phone if moment.intent.given else None
    if moment.facts.customer.check is Check.FITS and phone:
        return moment.reply(_joined(), effects=(JoinByPhone(phone),), dialogue=Idle())
    if moment.memory.dialogue.kind == "reporting":
        return offer_to_pass_on(moment)
    choices = (buttons.PASS_ON, buttons.NOT_NOW)
    return moment.reply(Say("link.phone_unknown", choices=choices), dialogue=Offering())


ROWS: Rows = {
    (Meaning.ASKED_LINK, None): _ask_code,
    (Meaning.GAVE_CODE, None): _gave_code,
    (Meaning.SHARED_PHONE, None): _shared_phone,
}
CHOICES: ChoiceRows = {}
NEEDS_CUSTOMER = frozenset({Meaning.GAVE_CODE, Meaning.SHARED_PHONE})

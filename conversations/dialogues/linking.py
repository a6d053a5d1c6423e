"""Being recognised: by a one-time code, by one's own phone number; and a code for one's own second channel."""

from dataclasses import replace

from conversations.customer_facts import Carried, Check, Given
from conversations.dialogues import buttons
from conversations.dialogues.complaints import ask_which_order
from conversations.dialogues.parcels import parcel_say
from conversations.dialogues.people import offer_to_pass_on
from conversations.intents import Intent, Meaning
from conversations.memory import Choice, Idle, Offering
from conversations.steps import ChoiceRows, Facts, JoinByPhone, MakeLinkCode, Moment, RedeemCode, Rows, Say, Step
from customers.parcels import where_is

_FIND_BY_PHONE = Choice(token="find_by_phone", text_key="button.find_by_phone")
_SHARE_PHONE = Choice(token="share_phone", text_key="button.share_phone", means="yes", asks="phone")
#: Where the number of an order is asked of somebody whose orders are not known.
_ASK_NUMBER = frozenset({"proof.ask_number", "case.ask_order_number"})


def _ask_code(moment: Moment) -> Step:
    """Without a code: one to enter on the other channel."""
    return moment.reply(Say("link.code"), effects=(MakeLinkCode(),), dialogue=Idle())


def _gave_code(moment: Moment) -> Step:
    given = moment.intent.given or Given()
    if moment.facts.customer.check is Check.FITS and given.code:
        said = _carried(moment.facts.customer.carried) or _joined()
        step = _with_order(moment, moment.reply(said, effects=(RedeemCode(given.code),), dialogue=Idle()))
    elif moment.facts.customer.check is Check.REFUSED:
        step = moment.reply(Say("link.refused"), dialogue=Idle())
    else:
        step = moment.reply(Say("link.invalid", choices=(buttons.PERSON,)), dialogue=Idle())
    return _greeted(step) if _is_start(moment.intent) else step


def _with_order(moment: Moment, step: Step) -> Step:
    """A link that was made for an order tells where that is."""
    order, facts = moment.facts.customer.proven, moment.facts
    if order is None:
        return step
    told = parcel_say(where_is(order, facts.customer.zone, facts.now), facts.language)
    return replace(step, says=(*step.says, told))


def _joined() -> Say:
    return Say("link.joined", choices=(buttons.PARCELS,))


def _carried(carried: Carried | None) -> Say | None:
    """The talk of another channel goes on here; who writes need not be known by that."""
    if carried is None:
        return None
    if carried.number is None:
        return Say("link.carried")
    return Say("link.carried_case", slots={"number": str(carried.number)})


def _is_start(intent: Intent) -> bool:
    return intent.text.lstrip().lower().startswith("/start")


def _greeted(step: Step) -> Step:
    memory = step.memory.model_copy(update={"introduced": False})
    return replace(step, memory=memory, says=(Say("greeting.start"), *step.says))


def with_phone_offered(step: Step, facts: Facts) -> Step:
    """Where an order's number is asked for, finding it by the writer's own phone number comes first, if it can."""
    if not facts.shares_phone:
        return step
    says = (
        replace(say, choices=(_FIND_BY_PHONE, *say.choices)) if say.key in _ASK_NUMBER else say for say in step.says
    )
    return replace(step, says=tuple(says))


def _ask_phone(moment: Moment) -> Step:
    """What was being asked stays open: the number may still be typed."""
    return moment.reply(Say("link.share_phone", choices=(_SHARE_PHONE, buttons.NOT_NOW)))


def _shared_phone(moment: Moment) -> Step:
    phone = moment.intent.given.phone if moment.intent.given else None
    if moment.facts.customer.check is Check.FITS and phone:
        step = moment.reply(_joined(), effects=(JoinByPhone(phone),), dialogue=Idle())
        return ask_which_order(step, moment.memory, moment.facts.customer.orders)
    if moment.memory.dialogue.kind == "reporting":
        return offer_to_pass_on(moment)
    choices = (buttons.PASS_ON, buttons.NOT_NOW)
    return moment.reply(Say("link.phone_unknown", choices=choices), dialogue=Offering())


ROWS: Rows = {
    (Meaning.ASKED_LINK, None): _ask_code,
    (Meaning.GAVE_CODE, None): _gave_code,
    (Meaning.SHARED_PHONE, None): _shared_phone,
}
CHOICES: ChoiceRows = {"find_by_phone": _ask_phone, "share_phone": _ask_phone}
NEEDS_CUSTOMER = frozenset({Meaning.GAVE_CODE, Meaning.SHARED_PHONE})

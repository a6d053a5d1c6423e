""" "Where is my parcel?": answered from the order. Who is not recognised shows an order number and four digits."""

import re
from dataclasses import replace
from unicodedata import normalize

from conversations.customer_facts import Check, Given, Purchase
from conversations.days import day_words
from conversations.dialogues import buttons
from conversations.dialogues.people import pass_on
from conversations.intents import Intent, Meaning
from conversations.memory import Choice, Dialogue, Idle, Offering, Proving
from conversations.steps import ChoiceRows, Moment, PersonReason, RecordProof, Rows, Say, Step
from conversations.values import Language
from customers.parcels import NextStep, ParcelAnswer, ParcelFacts, ParcelState, where_is

_LONGEST_LABEL = 40
#: Something with a digit and at least four signs; longer texts are no order numbers.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_SHORTEST, _LONGEST = 4, 80

_STATES = {
    ParcelState.NOT_PAID: "parcel.not_paid",
    ParcelState.PREPARING: "parcel.preparing",
    ParcelState.ON_THE_WAY: "parcel.on_the_way",
    ParcelState.PICK_UP: "parcel.pick_up",
    ParcelState.DELIVERED: "parcel.delivered",
    ParcelState.RETURNED: "parcel.returned",
    ParcelState.CANCELLED: "parcel.cancelled",
}
_FOLLOWS = {
    NextStep.PAY: "parcel.pay",
    NextStep.FETCH: "parcel.fetch",
    NextStep.CHECK_DOOR: "parcel.check_door",
    NextStep.COMPLAIN: "parcel.complain",
}


def _asked(moment: Moment) -> Step:
    bought = moment.facts.customer.orders
    if len(bought) == 1:
        return _tell(moment, bought[0].parcel)
    if bought:
        return _offer_orders(moment, "parcel.which")
    return _ask_number(moment)


def _orders(moment: Moment) -> Step:
    if moment.facts.customer.orders:
        return _offer_orders(moment, "orders.list")
    if moment.facts.customer.recognised:
        return moment.reply(Say("orders.none", choices=(buttons.PERSON,)), dialogue=Idle())
    return _ask_number(moment)


def _offer_orders(moment: Moment, key: str) -> Step:
    choices = tuple(_order_choice(purchase) for purchase in moment.facts.customer.orders)
    return moment.reply(Say(key, choices=choices), dialogue=Idle())


def _order_choice(purchase: Purchase) -> Choice:
    order = purchase.parcel.order
    label = f"{order} {purchase.product}" if purchase.product else order
    return Choice(token="order", words=label[:_LONGEST_LABEL], value=order)


def _chose_order(moment: Moment) -> Step:
    wanted = moment.intent.choice.value if moment.intent.choice else ""
    found = [purchase.parcel for purchase in moment.facts.customer.orders if purchase.parcel.order == wanted]
    return _tell(moment, found[0]) if found else moment.reply(Say("choice.expired"), dialogue=Idle())


def _tell(moment: Moment, parcel: ParcelFacts) -> Step:
    facts = moment.facts
    answer = where_is(parcel, facts.customer.zone, facts.now)
    choices = (buttons.WRONG, buttons.PERSON) if answer.next_step is NextStep.COMPLAIN else ()
    return moment.reply(replace(parcel_say(answer, facts.language), choices=choices), dialogue=Idle(), misses=0)


def parcel_say(answer: ParcelAnswer, language: Language) -> Say:
    """Where it is, when it comes, and what to do."""
    slots = {
        "order": answer.order,
        "carrier": answer.carrier or "",
        "tracking_no": answer.tracking_no or "",
        "tracking_url": answer.tracking_url or "",
        "day": day_words(answer.day, language) if answer.day else "",
        "days": str(answer.days_late),
    }
    is_moving = answer.state in (ParcelState.ON_THE_WAY, ParcelState.PREPARING)
    is_late = is_moving and answer.days_late > 0
    lines = (
        "parcel.day" if answer.state is ParcelState.DELIVERED and answer.day else "",
        "parcel.tracking" if answer.tracking_url else "",
        "parcel.expected" if is_moving and answer.day and not is_late else "",
        ("parcel.late" if answer.day else "parcel.long") if is_late else "",
        _FOLLOWS.get(answer.next_step, ""),
    )
    return Say(_STATES[answer.state], slots, below=tuple(line for line in lines if line))


def _ask_number(moment: Moment) -> Step:
    say = Say("proof.ask_number", choices=(buttons.PERSON, buttons.NOT_NOW))
    return moment.reply(say, dialogue=Proving())


def _gave_order(moment: Moment) -> Step:
    given, check = moment.intent.given or Given(), moment.facts.customer.check
    if given.number and not given.digits:
        return moment.reply(Say("proof.ask_digits", {"order": given.number}), dialogue=Proving(number=given.number))
    if given.number is None or given.digits is None:
        return _ask_number(moment)
    if check is Check.TOO_MANY:
        return pass_on(moment, PersonReason.ASKED, above=("proof.too_many",))
    proven = moment.facts.customer.proven
    effect = RecordProof(given.number, given.digits, fits=proven is not None)
    if proven is None:
        say = Say("proof.wrong", choices=(buttons.PERSON, buttons.NOT_NOW))
        return moment.reply(say, effects=(effect,), dialogue=Proving())
    step = _tell(moment, proven)
    return replace(step, effects=(effect, *step.effects))


def _anothers(moment: Moment) -> Step:
    """Relatives get help, and no data."""
    return moment.reply(Say("parcel.anothers", choices=(buttons.PASS_ON, buttons.NOT_NOW)), dialogue=Offering())


def _stop_asking(moment: Moment) -> Step:
    return moment.reply(Say("small_talk.ok"), dialogue=Idle())


def _read_order(dialogue: Dialogue, intent: Intent) -> Intent:
    """A question in between stays a question."""
    if intent.meaning is not Meaning.ASKED or not isinstance(dialogue, Proving):
        return intent
    text = normalize("NFKC", intent.text)
    words = [word for word in _WORD.findall(text) if len(word) >= _SHORTEST and any(sign.isdigit() for sign in word)]
    if not words or len(text) > _LONGEST:
        return intent
    given = _order_and_digits(dialogue.number, words)
    return replace(intent, meaning=Meaning.GAVE_ORDER, given=given)


def _order_and_digits(number: str | None, words: list[str]) -> Given:
    """The last four digits stand alone or end a phone number; the other word is the order's number."""
    if number is not None and len(words) == 1:
        return Given(number, words[0][-4:]) if words[0][-4:].isdecimal() else Given(words[0])
    first, *rest = sorted(words[:2], key=lambda word: len(word) == 4 and word.isdecimal())
    return Given(first, rest[0][-4:]) if rest and rest[0][-4:].isdecimal() else Given(first)


ROWS: Rows = {
    (Meaning.ASKED_PARCEL, None): _asked,
    (Meaning.ASKED_ORDERS, None): _orders,
    (Meaning.ASKED_ANOTHERS_PARCEL, None): _anothers,
    (Meaning.GAVE_ORDER, None): _gave_order,
    (Meaning.CANCELLED, "proving"): _stop_asking,
    (Meaning.SAID_NO, "proving"): _stop_asking,
}
CHOICES: ChoiceRows = {"parcels": _asked, "order": _chose_order}
READERS = {"proving": _read_order}
NEEDS_CUSTOMER = frozenset({Meaning.ASKED_PARCEL, Meaning.ASKED_ORDERS, Meaning.GAVE_ORDER, "parcels", "order"})

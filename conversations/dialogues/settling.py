"""Complaints that a look at the order may settle: it is told where the parcel is, and asked whether that will do."""

from dataclasses import replace

from conversations.customer_facts import Purchase
from conversations.dialogues.complaints import complained, order_in
from conversations.dialogues.parcels import parcel_say
from conversations.intents import Meaning
from conversations.memory import Choice, Idle, Settling
from conversations.steps import ChoiceRows, Moment, Rows, Say, Step
from customers.parcels import NextStep, ParcelState, where_is
from tickets.recognition import recognise
from tickets.values import TicketKind

#: What they are about, and the states in which the parcel is still to come.
_NOT_HERE = frozenset({"late", "lost"})
_COMES = frozenset({ParcelState.PREPARING, ParcelState.ON_THE_WAY, ParcelState.PICK_UP})


def _heard(moment: Moment) -> Step:
    """A complaint; a ticket at once, unless the state of the order may be all that is wanted."""
    purchase, facts = _on_its_way(moment), moment.facts
    if purchase is None:
        return complained(moment)
    state = parcel_say(where_is(purchase.parcel, facts.cases.zone, facts.now), facts.language)
    choices = (
        Choice(token="settled", text_key="button.will_do", means="yes"),
        Choice(token="not_settled", text_key="button.complain_still", means="no"),
    )
    told = replace(state, choices=choices, below=(*state.below, "case.will_that_do"))
    settling = Settling(words=moment.intent.words, order=purchase.parcel.order)
    return moment.reply(told, dialogue=settling, misses=0)


def _on_its_way(moment: Moment) -> Purchase | None:
    """The order of a calm complaint that it does not come, when it comes as it was promised."""
    cases, order = moment.facts.cases, order_in(moment)
    bought = next((one for one in cases.orders if one.parcel.order == order), None)
    if cases.rules is None or bought is None or cases.find_live(TicketKind.COMPLAINT):
        return None
    found = recognise(moment.intent.text, cases.rules)
    answer = where_is(bought.parcel, cases.zone, moment.facts.now)
    is_in_time = answer.state in _COMES and answer.days_late <= 0 and answer.next_step is not NextStep.COMPLAIN
    return bought if found.category in _NOT_HERE and not found.words and is_in_time else None


def _settled(moment: Moment) -> Step:
    return moment.reply(Say("helped.yes"), dialogue=Idle(), misses=0)


def _not_settled(moment: Moment) -> Step:
    """It goes to people after all, in the words in which it was said, with whatever was said since."""
    dialogue, intent = moment.memory.dialogue, moment.intent
    if not isinstance(dialogue, Settling):
        return moment.reply(Say("choice.expired"), dialogue=Idle())
    more = intent.text.strip() if intent.meaning is Meaning.COMPLAINED else ""
    words = f"{dialogue.words}\n{more}" if more else dialogue.words
    complaint = replace(intent, meaning=Meaning.COMPLAINED, text=words, choice=None)
    return complained(replace(moment, intent=complaint), dialogue.order)


ROWS: Rows = {
    (Meaning.COMPLAINED, None): _heard,
    (Meaning.COMPLAINED, "settling"): _not_settled,
    (Meaning.SAID_NO, "settling"): _not_settled,
}
CHOICES: ChoiceRows = {"settled": _settled, "not_settled": _not_settled}
NEEDS_CASES = frozenset({Meaning.SAID_NO, *CHOICES})

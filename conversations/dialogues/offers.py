"""What is offered to make up for something: accepted, or what would be fairer; the owner's vouchers and points.

Accepting gives nothing up. An offer that is open can be answered at any time: `/cases` shows it again, and so does a
press on one of its buttons that has grown old.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from conversations.amounts import amount_words
from conversations.case_facts import CaseFacts, OpenOffer, OwnVoucher
from conversations.days import day_words
from conversations.dialogues.complaints import ask_again
from conversations.intents import Intent, Meaning
from conversations.memory import Choice, Idle, Wishing
from conversations.phrases import Phrase, find_phrases
from conversations.steps import AcceptOffer, ChoiceRows, DeclineOffer, Facts, Moment, Rows, Say, Step
from conversations.values import Language
from tickets.values import GrantKind

#: So many offers and vouchers are shown at once.
_MOST = 5
_OFFERED = {
    GrantKind.APOLOGY: "offer.apology",
    GrantKind.VOUCHER: "offer.voucher",
    GrantKind.POINTS: "offer.points",
    GrantKind.REFUND: "offer.refund",
    GrantKind.REPLACEMENT: "offer.replacement",
    GrantKind.REPAIR: "offer.repair",
    GrantKind.GIFT: "offer.gift",
}
#: What is offered, in a few words.
NAMES = {
    GrantKind.APOLOGY: "offered.apology",
    GrantKind.VOUCHER: "offered.voucher",
    GrantKind.POINTS: "offered.points",
    GrantKind.REFUND: "offered.refund",
    GrantKind.REPLACEMENT: "offered.replacement",
    GrantKind.REPAIR: "offered.repair",
    GrantKind.GIFT: "offered.gift",
}
_ACCEPTED = {
    GrantKind.APOLOGY: "offer.thanks_for_patience",
    GrantKind.VOUCHER: "offer.has_voucher",
    GrantKind.POINTS: "offer.has_points",
}
#: The lines before an offer that is told again, and what they are where it is for no ticket.
WAITING, REMINDER = "offer.waiting", "offer.reminder"
_WITHOUT_TICKET = {WAITING: "offer.waiting_goodwill", REMINDER: "offer.reminder_goodwill"}
_SAYS_SO = frozenset({Phrase.YES, Phrase.NO})


def offer_say(offer: OpenOffer, zone: ZoneInfo, language: Language, above: str | None = None) -> Say:
    """The offer with its buttons. `above`: WAITING or REMINDER; by itself whose fault it was."""
    slots = {"number": str(offer.case or ""), "amount": amount_words(offer.money, language)}
    key, lead = _OFFERED[offer.kind], (_lead(offer, above),)
    if offer.kind is GrantKind.APOLOGY:
        return Say(key, slots, _choices(offer), above=lead)
    slots["day"] = day_words(offer.until.astimezone(zone), language) if offer.until else ""
    below = ("offer.gives_up_nothing" if offer.case else "", "offer.until" if offer.until else "")
    return Say(key, slots, _choices(offer), above=lead, below=tuple(filter(None, below)))


def _lead(offer: OpenOffer, above: str | None) -> str:
    if offer.case is None:
        return _WITHOUT_TICKET[above] if above else "offer.goodwill"
    return above or ("offer.our_fault" if offer.knows_cause else "offer.still_looking")


def _choices(offer: OpenOffer) -> tuple[Choice, ...]:
    value = str(offer.grant)
    yes = "button.apology_accept" if offer.kind is GrantKind.APOLOGY else "button.offer_accept"
    return (
        Choice(token="offer_accept", text_key=yes, value=value, means="yes"),
        Choice(token="offer_fairer", text_key="button.offer_fairer", value=value, means="no"),
    )


def own_says(cases: CaseFacts, language: Language) -> Iterator[Say]:
    """What the customer has of us: vouchers with their codes, and points."""
    for voucher in cases.vouchers[:_MOST]:
        yield _voucher_say(voucher, cases.zone, language)
    if cases.points:
        yield Say("points.balance", {"points": f"{cases.points:,}"})


def offer_says(facts: Facts) -> tuple[Say, ...]:
    """The offer that waits for an answer; of several, which one to see first."""
    cases = facts.cases
    if len(cases.offers) > 1:
        choices = tuple(_show_choice(offer, facts.language) for offer in cases.offers[:_MOST])
        return (Say("offer.which", {"count": str(len(cases.offers))}, choices),)
    return tuple(offer_say(offer, cases.zone, facts.language, WAITING) for offer in cases.offers)


def _show_choice(offer: OpenOffer, language: Language) -> Choice:
    slots = {"amount": amount_words(offer.money, language)}
    return Choice(token="offer_show", text_key=NAMES[offer.kind], value=str(offer.grant), slots=slots)


def _voucher_say(voucher: OwnVoucher, zone: ZoneInfo, language: Language) -> Say:
    slots = {"amount": amount_words(voucher.money, language), "code": voucher.code}
    slots["day"] = day_words(voucher.until.astimezone(zone), language) if voucher.until else ""
    return Say("voucher.own", slots, below=("voucher.until",) if voucher.until else ())


def answers_an_offer(intent: Intent) -> bool:
    """A button of an offer, pressed or named; a plain yes may be meant for the person who has taken over."""
    is_choice = intent.choice is not None and intent.choice.token in CHOICES
    return is_choice and find_phrases(intent.text).isdisjoint(_SAYS_SO)


def _chosen(moment: Moment) -> OpenOffer | None:
    value = moment.intent.choice.value if moment.intent.choice else ""
    return moment.facts.cases.find_offer(int(value)) if value.isdecimal() else None


def _gone(moment: Moment) -> Step:
    return moment.reply(Say("offer.gone"), dialogue=Idle())


def _show(moment: Moment) -> Step:
    offer, facts = _chosen(moment), moment.facts
    if offer is None:
        return _gone(moment)
    return moment.reply(offer_say(offer, facts.cases.zone, facts.language, WAITING), dialogue=Idle())


def _list(moment: Moment) -> Step:
    return moment.reply(*offer_says(moment.facts), dialogue=Idle()) if moment.facts.cases.offers else _gone(moment)


def _accept(moment: Moment) -> Step:
    offer, facts = _chosen(moment), moment.facts
    if offer is None:
        return _gone(moment)
    slots = {"amount": amount_words(offer.money, facts.language)}
    until = "voucher.until" if offer.valid_days else ""
    below = (until, "voucher.how") if offer.kind is GrantKind.VOUCHER else ()
    more = "offer.more_waiting" if len(facts.cases.offers) > 1 else ""
    said = Say(_ACCEPTED.get(offer.kind, "offer.accepted"), slots, below=tuple(filter(None, (*below, more))))
    effects = (AcceptOffer(offer.grant, facts.language, facts.cases.zone),)
    return moment.reply(said, effects=effects, dialogue=Idle(), misses=0)


def _ask_what_is_fairer(moment: Moment) -> Step:
    offer = _chosen(moment)
    if offer is None:
        return _gone(moment)
    return moment.reply(Say("offer.ask_fairer"), dialogue=Wishing(grant=offer.grant), misses=0)


def _said_what_is_fairer(moment: Moment) -> Step:
    """The offer is over; the wish goes to whoever works on the ticket."""
    facts, dialogue = moment.facts, moment.memory.dialogue
    offer = facts.cases.find_offer(dialogue.grant) if isinstance(dialogue, Wishing) else None
    if offer is None:
        return _gone(moment)
    effects = (DeclineOffer(offer.grant, moment.intent.words, facts.language, facts.cases.zone),)
    key = "offer.declined" if offer.case else "offer.declined_goodwill"
    return moment.reply(Say(key), effects=effects, dialogue=Idle(), misses=0)


def _stays(moment: Moment) -> Step:
    return moment.reply(Say("offer.stays"), dialogue=Idle())


def _pressed_old(moment: Moment) -> Step:
    """The buttons are out of date; what is still open is shown anew, and asked anew."""
    open_ones = offer_says(moment.facts)
    if open_ones:
        return moment.reply(*open_ones, dialogue=Idle())
    return ask_again(moment.reply(Say("choice.expired")), moment)


ROWS: Rows = {
    (Meaning.PRESSED_OLD, None): _pressed_old,
    (Meaning.ASKED, "wishing"): _said_what_is_fairer,
    (Meaning.ATTACHED, "wishing"): _said_what_is_fairer,
    (Meaning.SAID_NO, "wishing"): _stays,
    (Meaning.CANCELLED, "wishing"): _stays,
}
CHOICES: ChoiceRows = {
    "offer_accept": _accept,
    "offer_fairer": _ask_what_is_fairer,
    "offer_show": _show,
    "offer_list": _list,
}
NEEDS_CASES = frozenset({Meaning.PRESSED_OLD, *CHOICES})

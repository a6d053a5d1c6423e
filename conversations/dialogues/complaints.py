"""Complaints: a ticket at once, then at most two questions, then what was noted, to be put right.

The ticket that is talked about is the customer's newest live complaint; nothing is lost when nobody answers.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from conversations.case_facts import CaseFacts
from conversations.complaints import asks_on_the_way, hear, is_statement
from conversations.customer_facts import Purchase
from conversations.dialogues.people import call, with_hours
from conversations.intents import Intent, Meaning
from conversations.knowledge import Catalogue
from conversations.memory import Answered, Choice, Clarifying, Complaining, Dialogue, Idle, Memory, Rating
from conversations.steps import (
    AddToCase,
    ChoiceRows,
    Effect,
    Moment,
    NameOrder,
    NoteWish,
    OpenCase,
    PersonReason,
    Rows,
    Say,
    Step,
)
from conversations.values import AttachmentKind, Language
from conversations.wishes import find_wish
from tickets.values import TicketKind

_LONGEST_FACT, _LONGEST_LABEL = 60, 40
#: So much of "my order number is ..." says nothing beside the number.
_AROUND_A_NUMBER = 24
_MEANINGS = {
    TicketKind.COMPLAINT: Meaning.COMPLAINED,
    TicketKind.SUGGESTION: Meaning.SUGGESTED,
    TicketKind.PRAISE: Meaning.PRAISED,
}
#: What shows the goods.
_PROOF = frozenset({AttachmentKind.PHOTO, AttachmentKind.VIDEO})
_ORDER = re.compile(r"(?=[A-Za-z0-9._/-]*\d)[A-Za-z0-9][A-Za-z0-9._/-]{3,79}")
_WRITTEN_ORDER = re.compile(
    r"(?:订单(?:编号|号码|号)?|单号|\border(?:\s*(?:number|no\.?))?)\s*(?:是|为|is\b|was\b)?\s*[:：#]?\s*"
    rf"(?!\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}\b)(?P<order>{_ORDER.pattern})(?![A-Za-z0-9]|\s*(?:元|块|克|yuan\b))",
    re.IGNORECASE,
)
_OTHER_ORDER = re.compile(
    r"另(?:外)?一单|别的订单|不是这(?:一)?单|其他订单|\b(?:other|another|different|wrong) order\b", re.IGNORECASE
)
#: The usual wishes, with the line that reads each of them back.
_WISHES = {
    "wish.replacement": "case.noted_wish_replacement",
    "wish.refund": "case.noted_wish_refund",
    "wish.told": "case.noted_wish_told",
}
_SKIP = Choice(token="case_skip", text_key="button.skip", means="no")
_CHANGE = Choice(token="case_change", text_key="button.change", means="no")
_RIGHT = Choice(token="case_right", text_key="button.right", means="yes")


def place(memory: Memory, intent: Intent, cases: CaseFacts) -> Intent:
    """The intent as what it is about: a question stays one, a grievance is heard as that."""
    if intent.meaning is not Meaning.ASKED or cases.rules is None or _is_read_elsewhere(memory.dialogue):
        return intent
    has_proof = not _PROOF.isdisjoint(intent.attachments) or memory.dialogue.kind == "offering" or bool(cases.orders)
    kind = hear(intent.text, cases.rules, has_proof=has_proof)
    is_open = isinstance(memory.dialogue, Complaining) and cases.find_live(TicketKind.COMPLAINT)
    if is_open and (kind is TicketKind.COMPLAINT or not asks_on_the_way(intent.text)):
        return replace(intent, meaning=Meaning.TOLD_MORE)
    return replace(intent, meaning=_MEANINGS[kind]) if kind else intent


def count_together(memory: Memory, intent: Intent, texts: Sequence[str], cases: CaseFacts) -> int:
    """How many of the messages, read as one in `intent`, are about one thing: a grievance beside a question is not."""

    def is_heard(part: Sequence[str]) -> bool:
        return place(memory, replace(intent, text="\n".join(part)), cases).meaning is not Meaning.ASKED

    if is_heard(texts):
        return len(texts)
    begins = (number for number in range(len(texts) - 1, 0, -1) if is_heard(texts[:number]))
    comes_later = (number for number in range(1, len(texts)) if is_heard(texts[number : number + 1]))
    return next(begins, next(comes_later, len(texts)))


def place_by_topic(intent: Intent, cases: CaseFacts, catalogue: Catalogue) -> Intent:
    """What is told, not asked, and found under a topic that the shop marks as one for complaints, is a complaint."""
    result = intent.result
    if intent.meaning is not Meaning.ASKED or cases.rules is None or result is None or result.answer is None:
        return intent
    article = catalogue.find_article(result.answer.article, result.answer.language)
    is_grievance = article is not None and article.complaint_topic and is_statement(intent.text)
    return replace(intent, meaning=Meaning.COMPLAINED) if is_grievance else intent


def _is_read_elsewhere(dialogue: Dialogue) -> bool:
    """Whether what is open takes all words for its own."""
    return dialogue.kind in ("reporting", "wishing") or (isinstance(dialogue, Rating) and dialogue.asks == "why")


def complained(moment: Moment, order: str | None = None) -> Step:
    """Something is wrong: sorry, what for, under which number, by when; a person is called. `order`: talked about."""
    words, facts = moment.intent.words, moment.facts
    named = _order_named(moment)
    known = facts.cases.find_live(TicketKind.COMPLAINT, named)
    order = named if known else order_in(moment, order) or _order_written(moment)
    opens = OpenCase(
        words, TicketKind.COMPLAINT, facts.language, facts.cases.zone, known.number if known else None, order
    )
    effects = (opens, *call(moment, PersonReason.TROUBLE), *moment.feedback(None, "complaint"))
    told = moment.reply(effects=effects, misses=0, wait_told_at=facts.now)
    if known:
        joined = Say("case.joined") if facts.staffed else Say("case.added", {"number": str(known.number)})
        return replace(told, says=(joined,), memory=told.memory.model_copy(update={"dialogue": Idle()}))
    wish = find_wish(moment.intent.text)
    asks = "order" if order is None else "wish" if wish is None else "check"
    intake = Complaining(asks=asks, fact=_fact(moment), order=order, wish=wish)
    return _asking(replace(told, says=(_opened(moment),)), intake, facts.cases)


def _opened(moment: Moment) -> Say:
    fact = _fact(moment)
    if moment.facts.staffed:
        return Say("case.opened" if fact else "case.opened_wordless", {"fact": fact})
    told = Say("case.opened_nobody" if fact else "case.opened_nobody_wordless", {"fact": fact})
    return with_hours(told, moment.facts)


def _fact(moment: Moment) -> str:
    """The first line of what was said, to name it; empty for what came without words."""
    line = next((line.strip() for line in moment.intent.text.splitlines() if line.strip()), "")
    return _clipped(line.rstrip("。.!！"))


def _clipped(line: str) -> str:
    return line if len(line) <= _LONGEST_FACT else line[: _LONGEST_FACT - 1] + "…"


def order_in(moment: Moment, talked_about: str | None = None) -> str | None:
    """The order that was named, else the one that is `talked_about`, or the only one that it can be."""
    bought = [purchase.parcel.order for purchase in moment.facts.cases.orders]
    return _order_named(moment) or talked_about or (bought[0] if len(bought) == 1 else None)


def _order_named(moment: Moment) -> str | None:
    """The first of the orders lately bought whose number was written."""
    bought = (purchase.parcel.order for purchase in moment.facts.cases.orders)
    return next((order for order in bought if order in moment.intent.text), None)


def _order_written(moment: Moment) -> str | None:
    """The number that is called an order's; whose it is, is seen when the case is opened."""
    found = _WRITTEN_ORDER.search(moment.intent.text)
    return found["order"].rstrip("._/-") if found else None


def _asking(step: Step, intake: Complaining, cases: CaseFacts) -> Step:
    """`step`, which then asks what `intake` wants to know."""
    memory = step.memory.model_copy(update={"dialogue": intake})
    return replace(step, memory=memory, says=(*step.says, _question(intake, cases)))


def _question(intake: Complaining, cases: CaseFacts) -> Say:
    if intake.asks == "order":
        choices = tuple(_order_choice(purchase) for purchase in cases.orders)
        return Say("case.ask_order" if choices else "case.ask_order_number", choices=(*choices, _SKIP))
    if intake.asks == "wish":
        wishes = tuple(Choice(token="case_wish", text_key=key, value=key) for key in _WISHES)
        return Say("case.ask_wish", choices=(*wishes, _SKIP))
    return _read_back(intake)


def _order_choice(purchase: Purchase) -> Choice:
    order = purchase.parcel.order
    words = f"{order} {purchase.product or ''}".strip()
    return Choice(token="case_order", words=words[:_LONGEST_LABEL], value=order)


def _read_back(intake: Complaining) -> Say:
    wish = intake.wish or ""
    below = (
        "case.noted_more" if intake.more else "",
        "case.noted_order" if intake.order else "",
        _WISHES.get(wish, "case.noted_wish") if wish else "",
    )
    slots = {"fact": intake.fact or "…", "more": intake.more or "", "order": intake.order or "", "wish": wish}
    return Say("case.noted", slots, (_RIGHT, _CHANGE), below=tuple(line for line in below if line))


def _intake(moment: Moment) -> Complaining | None:
    """What is being asked; None when that is over or the ticket has ended."""
    dialogue = moment.memory.dialogue
    live = moment.facts.cases.find_live(TicketKind.COMPLAINT)
    return dialogue if isinstance(dialogue, Complaining) and live else None


def _number(moment: Moment) -> int:
    live = moment.facts.cases.find_live(TicketKind.COMPLAINT)
    assert live is not None
    return live.number


def _told(moment: Moment) -> Step:
    """Words in answer to what is asked, or beside it: kept with the ticket either way."""
    intake, text = _intake(moment), moment.intent.words
    if intake is None:
        return complained(moment)
    if _OTHER_ORDER.search(text):
        undone = _doing(moment, AddToCase(_number(moment), text), NameOrder(_number(moment), None))
        return _asking(undone, _forgetting(intake), moment.facts.cases)
    order = _order_said(intake, moment)
    if order is None:
        told = _doing(moment, AddToCase(_number(moment), text))
        return _next(told, intake, moment, **_heard_as(intake, moment))
    says_more = len(text) > len(order) + _AROUND_A_NUMBER
    effects = (NameOrder(_number(moment), order), *([AddToCase(_number(moment), text)] if says_more else ()))
    return _next(_doing(moment, *effects), intake, moment, order=order, **_heard_as(intake, moment, order))


def _order_said(intake: Complaining, moment: Moment) -> str | None:
    """An order's number, in answer to the question; at another time only one that is surely meant."""
    text = moment.intent.text
    if intake.asks == "order":
        found = _ORDER.search(text)
        return found[0] if found else None
    named = [one.parcel.order for one in moment.facts.cases.orders if one.parcel.order in text]
    return named[0] if named and named[0] != intake.order else None


def _heard_as(intake: Complaining, moment: Moment, order: str | None = None) -> dict[str, str | None]:
    """What of the read-back the words change: the wish, or what happened besides. `order`: it was named in them."""
    text = moment.intent.text.strip()
    if find_wish(text) or (text and intake.asks == "wish" and order is None):
        return {"wish": _clipped(text)}
    if text and intake.asks == "check" and order is None:
        stop = "；" if moment.facts.language is Language.ZH else "; "
        return {"more": _clipped(stop.join(filter(None, (intake.more, text))))}
    return {}


def _doing(moment: Moment, *effects: Effect) -> Step:
    return moment.reply(effects=effects)


def _forgetting(intake: Complaining) -> Complaining:
    return intake.model_copy(update={"asks": "order", "order": None})


def _next(step: Step, intake: Complaining, moment: Moment, **known: str | None) -> Step:
    """The question after this one; at most two, then what was noted."""
    told = intake.model_copy(update=known)
    asks = "wish" if intake.asks == "order" and told.wish is None else "check"
    return _asking(step, told.model_copy(update={"asks": asks}), moment.facts.cases)


def _chose_order(moment: Moment) -> Step:
    intake, order = _intake(moment), moment.intent.choice.value if moment.intent.choice else ""
    if intake is None:
        return _expired(moment)
    return _next(_doing(moment, NameOrder(_number(moment), order)), intake, moment, order=order)


def _chose_wish(moment: Moment) -> Step:
    intake, key = _intake(moment), moment.intent.choice.value if moment.intent.choice else ""
    if intake is None:
        return _expired(moment)
    note = NoteWish(_number(moment), key, moment.facts.language)
    return _next(_doing(moment, note), intake, moment, wish=key)


def _skip(moment: Moment) -> Step:
    intake = _intake(moment)
    return _next(moment.reply(), intake, moment) if intake else _expired(moment)


def _change(moment: Moment) -> Step:
    intake = _intake(moment)
    if intake is None:
        return _expired(moment)
    again = intake.model_copy(update={"asks": "order", "order": None, "wish": None, "more": None})
    return _asking(moment.reply(), again, moment.facts.cases)


def _right(moment: Moment) -> Step:
    """All is noted; what the rules give by themselves is offered now."""
    live = moment.facts.cases.find_live(TicketKind.COMPLAINT)
    done = moment.reply(Say("case.done"), dialogue=Idle())
    return replace(done, may_offer=live.number if live else None)


def _expired(moment: Moment) -> Step:
    return moment.reply(Say("choice.expired"), dialogue=Idle())


def _report(moment: Moment) -> Step:
    """The question that was answered, but not settled, is a complaint."""
    intent = replace(moment.intent, meaning=Meaning.COMPLAINED, text=moment.memory.last_question or "", choice=None)
    return complained(replace(moment, intent=intent))


def _thanked_for(kind: TicketKind, key: str) -> Rows:
    """Kept without a promise, and nobody is called."""

    def handler(moment: Moment) -> Step:
        cases = moment.facts.cases
        known = cases.find_live(kind)
        opens = OpenCase(moment.intent.words, kind, moment.facts.language, cases.zone, known.number if known else None)
        return moment.reply(Say(key), effects=(opens,), dialogue=Idle(), misses=0)

    return {(_MEANINGS[kind], None): handler}


def resume(step: Step, before: Memory, intent: Intent, cases: CaseFacts) -> Step:
    """What was being asked goes on after a question in between; asked again where its buttons are out of sight."""
    asked, now = before.dialogue, step.memory.dialogue
    is_choosing = isinstance(asked, Clarifying)
    intake = asked.intake if isinstance(asked, Clarifying) else asked
    is_between = intent.meaning is Meaning.ASKED or (is_choosing and intent.meaning is Meaning.CHOSE)
    if not is_between or not isinstance(intake, Complaining) or not cases.find_live(TicketKind.COMPLAINT):
        return step
    if isinstance(now, Answered) or (is_choosing and isinstance(now, Idle)):
        plain = tuple(replace(say, choices=(), below=()) for say in step.says)
        return _asking(replace(step, says=plain), intake, cases)
    goes_on = Clarifying(intake=intake) if isinstance(now, Clarifying) else intake if isinstance(now, Idle) else now
    return replace(step, memory=step.memory.model_copy(update={"dialogue": goes_on}))


def ask_again(step: Step, moment: Moment) -> Step:
    """`step`, after which what is being asked of a complaint is asked once more."""
    intake = _intake(moment)
    return _asking(step, intake, moment.facts.cases) if intake else step


def ask_which_order(step: Step, before: Memory, bought: tuple[Purchase, ...]) -> Step:
    """`step`, by which the writer was recognised: where the order of a complaint was asked for, theirs are offered."""
    intake = before.dialogue
    if not isinstance(intake, Complaining) or intake.asks != "order" or not bought:
        return step
    plain = tuple(replace(say, choices=()) for say in step.says)
    return _asking(replace(step, says=plain), intake, CaseFacts(orders=bought))


ROWS: Rows = {
    (Meaning.ASKED, "reporting"): complained,
    (Meaning.ATTACHED, "reporting"): complained,
    (Meaning.TOLD_MORE, None): _told,
    (Meaning.ATTACHED, "complaining"): _told,
    (Meaning.CANCELLED, "complaining"): _right,
    (Meaning.SAID_BYE, "complaining"): _right,
    **_thanked_for(TicketKind.SUGGESTION, "case.suggestion"),
    **_thanked_for(TicketKind.PRAISE, "case.praise"),
}
CHOICES: ChoiceRows = {
    "case_order": _chose_order,
    "case_wish": _chose_wish,
    "case_skip": _skip,
    "case_change": _change,
    "case_right": _right,
    "report": _report,
}
NEEDS_CASES = frozenset({Meaning.ASKED, Meaning.ATTACHED, Meaning.CANCELLED, Meaning.SAID_BYE, *CHOICES})

"""The dialogue as a table: what is meant x what is open -> a row that decides. Pure.

Another feature adds its rows to `_FEATURES`, its meanings to `Meaning` and its dialogues to `memory.Dialogue`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from conversations.customer_facts import CustomerFacts, Given
from conversations.dialogues import (
    answers,
    cases,
    complaints,
    follow_ups,
    languages,
    late,
    linking,
    offers,
    own_file,
    parcels,
    people,
    ratings,
    settling,
    small_talk,
    stopping,
    topics,
)
from conversations.dialogues.introduction import introduce
from conversations.dialogues.people import add_to_case, remind_of_wait
from conversations.intents import Intent, Meaning
from conversations.memory import Memory, Menu
from conversations.steps import ChoiceRows, Effect, Facts, Handler, Moment, Reader, Rows, Step, StopMessages
from conversations.values import Owner

K = TypeVar("K")

_FEATURES = (
    small_talk,
    languages,
    topics,
    people,
    late,
    answers,
    parcels,
    stopping,
    own_file,
    linking,
    complaints,
    settling,
    cases,
    ratings,
    offers,
    follow_ups,
)


def _joined(tables: Iterable[Mapping[K, Handler]]) -> Mapping[K, Handler]:
    whole: dict[K, Handler] = {}
    for table in tables:
        if twice := whole.keys() & table.keys():
            raise ValueError(f"two rows for {twice}")
        whole.update(table)
    return MappingProxyType(whole)


TABLE: Rows = _joined(feature.ROWS for feature in _FEATURES)
CHOICES: ChoiceRows = _joined(feature.CHOICES for feature in _FEATURES)


_READERS: Mapping[str, Reader] = {**parcels.READERS, **own_file.READERS}
_NEEDS_CUSTOMER = parcels.NEEDS_CUSTOMER | own_file.NEEDS_CUSTOMER | linking.NEEDS_CUSTOMER
_NEEDS_CASES = frozenset().union(
    *(about.NEEDS_CASES for about in (people, complaints, settling, cases, ratings, offers, own_file, follow_ups))
)
#: What tells the person who has taken over nothing that wants an answer.
_PLEASANTRIES = frozenset({Meaning.THANKED, Meaning.SAID_BYE, Meaning.EMPTY, Meaning.WORDLESS})
_ABOUT_ORDERS = frozenset({Meaning.ASKED_PARCEL, Meaning.ASKED_ORDERS})


def heed(memory: Memory, intent: Intent, own_phone: str | None = None) -> Intent:
    """The intent as what is open reads it: a bare number is an order's number where that was asked for."""
    if own_phone is not None:
        return replace(intent, meaning=Meaning.SHARED_PHONE, given=Given(phone=own_phone))
    reader = _READERS.get(memory.dialogue.kind)
    return reader(memory.dialogue, intent) if reader else follow_ups.read_answer(memory, intent)


def needs_customer(memory: Memory, intent: Intent, owner: Owner) -> bool:
    """Whether the row for this intent wants to know something of the customer."""
    if owner is Owner.TAKEN:
        return False
    token = intent.choice.token if intent.choice else ""
    return intent.meaning in _NEEDS_CUSTOMER or token in _NEEDS_CUSTOMER


def needs_cases(intent: Intent, owner: Owner) -> bool:
    """Whether the customer's tickets matter: always while a person is asked for or has taken over."""
    if owner is not Owner.BOT:
        return True
    token = intent.choice.token if intent.choice else ""
    return intent.meaning in _NEEDS_CASES or token in _NEEDS_CASES


def without_orders(intent: Intent, customer: CustomerFacts) -> Intent:
    """In a shop that keeps no orders here, "where is my parcel?" is a question like any other."""
    is_question = intent.meaning in _ABOUT_ORDERS and not customer.has_orders and not intent.text.startswith("/")
    return replace(intent, meaning=Meaning.ASKED) if is_question else intent


def next_step(memory: Memory, intent: Intent, facts: Facts) -> Step:
    """What follows from `intent`. While a person has taken the conversation the bot is silent; a "stop" still
    holds, and what was offered can be accepted.
    """
    if facts.owner is Owner.TAKEN and not offers.answers_an_offer(intent):
        stops = (StopMessages(),) if intent.meaning is Meaning.SAID_STOP else ()
        answers = follow_ups.answer_while_taken(Moment(memory, intent, facts))
        return Step(memory, effects=(*stops, *answers, *_for_the_ticket(memory, intent, facts)))
    moment = Moment(memory, intent, facts)
    step = follow_ups.note_answer(_row(memory, intent)(moment), moment)
    step = linking.with_phone_offered(complaints.resume(step, memory, intent, facts.cases), facts)
    return _with_menu(introduce(remind_of_wait(step, facts), facts), memory)


def _for_the_ticket(memory: Memory, intent: Intent, facts: Facts) -> tuple[Effect, ...]:
    """What is said to the person who has taken over is kept with the ticket too: its clocks depend on it."""
    says_something = intent.meaning not in _PLEASANTRIES and (intent.text.strip() or intent.attachments)
    return add_to_case(Moment(memory, intent, facts)) if says_something else ()


def needs_search(memory: Memory, intent: Intent, owner: Owner) -> bool:
    """Whether the row for this intent wants to know what the knowledge base finds."""
    if intent.meaning is not Meaning.ASKED or owner is Owner.TAKEN:
        return False
    return (Meaning.ASKED, memory.dialogue.kind) not in TABLE


def _row(memory: Memory, intent: Intent) -> Handler:
    if intent.meaning is Meaning.CHOSE:
        return CHOICES[intent.choice.token] if intent.choice else TABLE[(Meaning.PRESSED_OLD, None)]
    return TABLE.get((intent.meaning, memory.dialogue.kind)) or TABLE[(intent.meaning, None)]


def _with_menu(step: Step, before: Memory) -> Step:
    """The step's memory with the buttons that it shows; buttons of a dialogue that has ended are gone."""
    number = before.menu.number
    if shown := [say.choices for say in step.says if say.choices]:
        menu = Menu(number=number + 1, choices=shown[-1])
    elif step.memory.dialogue != before.dialogue:
        menu = Menu(number=number)
    else:
        menu = before.menu
    return replace(step, memory=step.memory.model_copy(update={"menu": menu}))

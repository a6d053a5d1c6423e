"""The dialogue as a table: what is meant x what is open -> a row that decides. Pure.

Another feature adds its rows to `_FEATURES`, its meanings to `Meaning` and its dialogues to `memory.Dialogue`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from conversations.dialogues import answers, languages, people, small_talk, topics
from conversations.dialogues.introduction import introduce
from conversations.dialogues.people import remind_of_wait
from conversations.intents import Intent, Meaning
from conversations.memory import Memory, Menu
from conversations.steps import ChoiceRows, Facts, Handler, Moment, Rows, Step
from conversations.values import Owner

K = TypeVar("K")

_FEATURES = (small_talk, languages, topics, people, answers)


def _joined(tables: Iterable[Mapping[K, Handler]]) -> Mapping[K, Handler]:
    whole: dict[K, Handler] = {}
    for table in tables:
        if twice := whole.keys() & table.keys():
            raise ValueError(f"two rows for {twice}")
        whole.update(table)
    return MappingProxyType(whole)


TABLE: Rows = _joined(feature.ROWS for feature in _FEATURES)
CHOICES: ChoiceRows = _joined(feature.CHOICES for feature in _FEATURES)


def next_step(memory: Memory, intent: Intent, facts: Facts) -> Step:
    """What follows from `intent`. While a person has taken the conversation: nothing; the bot is silent."""
    if facts.owner is Owner.TAKEN:
        return Step(memory)
    step = _row(memory, intent)(Moment(memory, intent, facts))
    return _with_menu(introduce(remind_of_wait(step, facts), facts), memory)


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

"""The dialogue's table: pure, one step at a time."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from conversations.case_facts import CaseFacts
from conversations.customer_facts import SHANGHAI
from conversations.flow import CHOICES, TABLE, needs_search, next_step
from conversations.intents import Intent, Meaning
from conversations.memory import (
    Answered,
    Choice,
    Clarifying,
    Memory,
    Menu,
    Reporting,
    clean_slate,
    read_memory,
    write_memory,
)
from conversations.steps import (
    AskForPerson,
    ChooseLanguage,
    Facts,
    LogFeedback,
    LogQuestion,
    OpenCase,
    PersonReason,
    StopMessages,
)
from conversations.values import AttachmentKind, Language, Owner
from knowledge_base.values import IndexedArticle, Outcome, SearchResult
from tests.support.clock import MONDAY_MORNING
from tests.support.knowledge import NOTHING, HandMadeKnowledge, answer, unsure
from tickets.values import TicketKind

RETURNS = IndexedArticle("returns", "zh", 3, "怎么退货？", (), "七天内可以退。", "售后")
COURIER = IndexedArticle("courier", "zh", 1, "发什么快递？", (), "顺丰。", "配送")
ABROAD = IndexedArticle("abroad", "en", 2, "Do you ship abroad?", (), "Yes.", "Shipping")
FACTS = Facts(Language.ZH, MONDAY_MORNING, Owner.BOT, HandMadeKnowledge([RETURNS, COURIER, ABROAD], {}))
KNOWN = Memory(introduced=True)


def asked(result: SearchResult, text: str = "?") -> Intent:
    return Intent(Meaning.ASKED, text, result=result)


def chose(token: str, value: str = "") -> Intent:
    return Intent(Meaning.CHOSE, choice=Choice(token=token, value=value))


def test_every_meaning_has_a_row() -> None:
    assert {meaning for meaning in Meaning if (meaning, None) not in TABLE} == {Meaning.CHOSE}


@pytest.mark.parametrize("meaning", [meaning for meaning in Meaning if meaning is not Meaning.CHOSE])
@pytest.mark.parametrize("owner", [Owner.BOT, Owner.WAITING])
def test_the_bot_is_never_silent_until_a_person_has_taken_over(meaning: Meaning, owner: Owner) -> None:
    intent = Intent(meaning, "?", language=Language.EN, attachments=(AttachmentKind.PHOTO,), result=NOTHING)
    assert next_step(KNOWN, intent, replace(FACTS, owner=owner)).says


@pytest.mark.parametrize(
    "meaning", [meaning for meaning in Meaning if meaning not in (Meaning.CHOSE, Meaning.SAID_STOP)]
)
def test_when_a_person_has_taken_over_nothing_is_said_done_or_searched(meaning: Meaning) -> None:
    step = next_step(KNOWN, Intent(meaning, "?"), replace(FACTS, owner=Owner.TAKEN))
    assert (step.says, step.effects, step.memory) == ((), (), KNOWN)
    assert not needs_search(KNOWN, Intent(meaning, "?"), Owner.TAKEN)


def test_stop_holds_even_while_a_person_answers() -> None:
    step = next_step(KNOWN, Intent(Meaning.SAID_STOP, "别发了"), replace(FACTS, owner=Owner.TAKEN))
    assert (step.says, step.effects, step.memory) == ((), (StopMessages(),), KNOWN)


def test_every_button_that_is_offered_does_something() -> None:
    steps = [
        next_step(Memory(), Intent(Meaning.GREETED), FACTS),
        next_step(KNOWN, asked(answer(RETURNS, COURIER)), FACTS),
        next_step(KNOWN, asked(unsure(RETURNS, COURIER)), FACTS),
        next_step(KNOWN, asked(NOTHING), FACTS),
        next_step(KNOWN.model_copy(update={"misses": 1}), asked(NOTHING), FACTS),
        next_step(KNOWN, Intent(Meaning.ASKED_TOPICS), FACTS),
        next_step(KNOWN, Intent(Meaning.ASKED_LANGUAGE), FACTS),
        next_step(KNOWN, Intent(Meaning.ATTACHED), FACTS),
    ]
    offered = {choice.token for step in steps for choice in step.memory.menu.choices}
    assert offered <= set(CHOICES)


def test_an_answer_carries_its_article_and_is_logged() -> None:
    step = next_step(KNOWN, asked(answer(RETURNS, COURIER), "能退吗"), FACTS)
    assert step.says[-1].article == ("returns", "zh", 3)
    assert step.memory.dialogue == Answered(article="returns", others=("courier",))
    assert [type(effect) for effect in step.effects] == [LogQuestion]
    assert step.memory.last_question == "能退吗"


def test_further_questions_in_the_same_text_are_answered_before_the_question_whether_it_helped() -> None:
    first, second = answer(RETURNS).answer, answer(COURIER).answer
    assert first is not None
    assert second is not None
    step = next_step(KNOWN, asked(SearchResult(Outcome.ANSWER, 0.9, first, (second,), ())), FACTS)
    assert [(say.article or ("",))[0] for say in step.says] == ["returns", "courier"]
    assert [bool(say.choices) for say in step.says] == [False, True]


def test_an_article_in_the_other_language_says_so() -> None:
    step = next_step(KNOWN, asked(answer(ABROAD)), FACTS)
    assert step.says[-1].above == ("answer.only_en",)


def test_clarify_offers_at_most_three_and_none_of_these() -> None:
    step = next_step(KNOWN, asked(unsure(RETURNS, COURIER, ABROAD, RETURNS)), FACTS)
    assert [choice.token for choice in step.memory.menu.choices] == ["open", "open", "open", "none_of_these"]
    chosen = next_step(step.memory, chose("open", "courier"), FACTS)
    assert chosen.says[-1].article == ("courier", "zh", 1)


def test_an_article_withdrawn_since_it_was_offered_is_told() -> None:
    step = next_step(KNOWN.model_copy(update={"dialogue": Clarifying()}), chose("open", "gone"), FACTS)
    assert [say.key for say in step.says] == ["answer.gone"]


def test_feedback_is_kept_with_the_question() -> None:
    memory = KNOWN.model_copy(update={"dialogue": Answered(article="returns"), "question_id": 7})
    assert next_step(memory, chose("helped"), FACTS).effects == (LogFeedback(7, True),)
    assert next_step(memory, chose("not_helped"), FACTS).effects == (LogFeedback(7, False),)
    person = next_step(memory, chose("person"), FACTS)
    assert person.effects == (AskForPerson(PersonReason.ASKED, Language.ZH, "…"), LogFeedback(7, None, "person"))


def test_what_did_not_help_offers_the_other_candidates() -> None:
    memory = KNOWN.model_copy(update={"dialogue": Answered(article="returns", others=("courier", "gone"))})
    step = next_step(memory, chose("not_helped"), FACTS)
    assert [choice.value for choice in step.memory.menu.choices] == ["courier", "", ""]


def test_the_second_failure_offers_a_person_and_why_is_kept() -> None:
    once = next_step(KNOWN, asked(NOTHING), FACTS)
    twice = next_step(once.memory, asked(NOTHING), FACTS)
    assert [say.key for say in (*once.says, *twice.says)] == ["missed.first", "missed.second"]
    person = AskForPerson(PersonReason.NOT_HELPED, Language.ZH, "?")
    assert next_step(twice.memory, chose("person"), FACTS).effects == (person,)


def test_the_introduction_is_given_once() -> None:
    first = next_step(Memory(), asked(answer(RETURNS)), FACTS)
    assert [say.key for say in first.says] == ["intro.short", "answer.text"]
    assert [say.key for say in next_step(first.memory, asked(answer(RETURNS)), FACTS).says] == ["answer.text"]


def test_the_wait_is_repeated_at_most_every_three_hours() -> None:
    waiting = replace(FACTS, owner=Owner.WAITING)
    told = KNOWN.model_copy(update={"wait_told_at": MONDAY_MORNING})
    for hours, keys in ((2, ["small_talk.thanks"]), (3, ["person.still", "small_talk.thanks"])):
        later = replace(waiting, now=MONDAY_MORNING + timedelta(hours=hours))
        assert [say.key for say in next_step(told, Intent(Meaning.THANKED), later).says] == keys


@pytest.mark.parametrize(
    ("staffed", "on_duty", "key"),
    [(True, True, "person.passed"), (True, False, "person.passed_off"), (False, True, "person.nobody")],
)
def test_what_is_promised_is_what_is_known(staffed: bool, on_duty: bool, key: str) -> None:
    cases = CaseFacts(on_duty=on_duty)
    step = next_step(KNOWN, Intent(Meaning.ASKED_PERSON), replace(FACTS, staffed=staffed, cases=cases))
    assert [say.key for say in step.says] == [key]


def test_what_went_wrong_goes_to_a_person_unsearched() -> None:
    memory = KNOWN.model_copy(update={"dialogue": Reporting()})
    intent = Intent(Meaning.ASKED, "罐子破了")
    assert not needs_search(memory, intent, Owner.BOT)
    opens = OpenCase("罐子破了", TicketKind.COMPLAINT, Language.ZH, SHANGHAI)
    calls = AskForPerson(PersonReason.TROUBLE, Language.ZH, "罐子破了")
    assert next_step(memory, intent, FACTS).effects == (opens, calls)


def test_a_chosen_language_is_answered_in_at_once() -> None:
    step = next_step(KNOWN, Intent(Meaning.CHOSE_LANGUAGE, language=Language.EN), FACTS)
    assert step.language is Language.EN
    assert step.effects == (ChooseLanguage(Language.EN),)


def test_each_set_of_buttons_has_its_own_number_and_ends_with_its_dialogue() -> None:
    one = next_step(KNOWN, asked(answer(RETURNS)), FACTS)
    two = next_step(one.memory, asked(answer(COURIER)), FACTS)
    assert (one.memory.menu.number, two.memory.menu.number) == (1, 2)
    assert next_step(two.memory, chose("helped"), FACTS).memory.menu == Menu(number=2)
    assert next_step(two.memory, Intent(Meaning.GREETED), FACTS).memory.menu == two.memory.menu


def test_what_is_remembered_comes_back_from_the_database() -> None:
    step = next_step(KNOWN, asked(answer(RETURNS, COURIER)), FACTS)
    assert read_memory(write_memory(step.memory)) == (step.memory, True)


@pytest.mark.parametrize("stored", [{"v": 2}, {"v": 1, "dialogue": {"kind": "gone"}}, {"other": 1}])
def test_what_cannot_be_read_any_more_begins_anew(stored: dict[str, object]) -> None:
    assert read_memory(stored) == (Memory(introduced=True), False)


def test_a_clean_slate_keeps_the_introduction_and_old_buttons_old() -> None:
    memory = next_step(KNOWN, asked(answer(RETURNS)), FACTS).memory
    cleaned, readable = read_memory(clean_slate(write_memory(memory)))
    assert readable
    assert cleaned == Memory(introduced=True, menu=Menu(number=1))


def test_deciding_needs_neither_database_nor_channel() -> None:
    """The pure part is imported in a fresh interpreter, which then knows no library that reaches outside."""
    code = (
        "import sys, conversations.flow, conversations.turns, conversations.rendering;"
        "print([m for m in ('sqlalchemy', 'aiogram', 'fastapi', 'aiosqlite') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"

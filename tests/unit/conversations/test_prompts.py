"""How answers to follow-ups are read: digits, words, labels and reasons, "later"; and nothing else for that."""

import pytest

from conversations.dialogues.follow_ups import read_answer
from conversations.intents import Meaning, understand, understand_press
from conversations.memory import Memory, Menu, Prompted
from conversations.prompts import Prompt, PromptOption, Then, read_option, read_score, says_later
from core.shop_facts import Localised
from scheduler.programme_rules import PROGRAMMES
from tests.support.clock import MONDAY_MORNING

REASONS = tuple(
    button.as_option()
    for programme in PROGRAMMES.parse(PROGRAMMES.shipped).programme
    if programme.id == "win-back"
    for button in programme.step[0].buttons
)


@pytest.mark.parametrize(
    ("said", "score"),
    [
        # bare digits, Chinese ones, with their units
        ("5", 5), ("５", 5), ("三", 3), ("四分", 4), ("2分", 2), ("给5分", 5), ("打4分", 4), ("4/5", 4), ("5 stars", 5),
        ("3 out of 5", 3), ("I'd say a 4", 4),
        # words; the longer one is not taken for the shorter
        ("很满意", 5), ("满意", 4), ("一般", 3), ("不满意", 2), ("很不满意", 1), ("还行", 3), ("Good", 4),
        ("very good!", 5), ("terrible", 1),
        # out of reach: told so
        ("10分", 10), ("0", 0),
        # no scores
        ("2026", None), ("5月份买的", None), ("我买了5罐", None), ("怎么退货", None),
        ("4 tins arrived broken", None), ("", None),
    ],
)  # fmt: skip
def test_scores_are_read_in_digits_and_words(said: str, score: int | None) -> None:
    assert read_score(said) == score


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        # the label itself, in either language
        ("价格", "price"), ("The people", "people"), ("在别处买了", "rival"),
        # one's own words
        ("太贵了", "price"), ("it got too expensive for me", "price"), ("取件太麻烦", "inconvenience"),
        ("味道不如从前", "product"), ("the quality went down", "product"), ("客服态度差", "people"),
        ("售后没人管", "handling"), ("我在别家买了", "rival"), ("I buy at another shop now", "rival"),
        ("不认同你们的理念", "principle"), ("搬家了，用不上", "no_choice"), ("my doctor said no more tea", "no_choice"),
        # something else
        ("忘了", None), ("just busy", None),
    ],
)  # fmt: skip
def test_reasons_are_read_in_one_s_own_words(said: str, reason: str | None) -> None:
    index = read_option(said, REASONS)
    assert (REASONS[index].id if index is not None else None) == reason


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ("以后再说", True), ("下次吧。", True), ("Later", True), ("not now", True),
        ("以后再说吧，先问个事", False), ("later today", False),
    ],
)  # fmt: skip
def test_later_is_a_whole_answer(said: str, later: bool) -> None:
    assert says_later(said) is later


def prompt(expects: str | None, options: tuple[PromptOption, ...] = ()) -> Prompt:
    return Prompt(follow_up=7, programme="p", at=MONDAY_MORNING, expects=expects, options=options)


def read(said: str, asked: Prompt, asks: Prompted | None = None) -> Meaning:
    memory = Memory(dialogue=asks or Prompted(), asked=asked)
    return read_answer(memory, understand(said, offers=())).meaning


@pytest.mark.parametrize(
    ("said", "asked", "meaning"),
    [
        ("5", prompt("score"), Meaning.CHOSE),
        ("8分", prompt("score"), Meaning.OUT_OF_RANGE),
        # what means something by itself keeps its meaning
        ("退订", prompt("score"), Meaning.SAID_STOP),
        ("stop", prompt("reason", REASONS), Meaning.SAID_STOP),
        ("转人工", prompt("score"), Meaning.ASKED_PERSON),
        ("谢谢", prompt("score"), Meaning.THANKED),
        # a question stays one, even where a reason's word is in it
        ("现在价格是多少？", prompt("reason", REASONS), Meaning.ASKED),
        ("太贵了", prompt("reason", REASONS), Meaning.CHOSE),
        ("以后再说", prompt("later"), Meaning.SAID_LATER),
        ("5", prompt(None), Meaning.ASKED),
    ],
)
def test_an_answer_is_read_through_what_was_asked(said: str, asked: Prompt, meaning: Meaning) -> None:
    assert read(said, asked) is meaning


@pytest.mark.parametrize(
    ("said", "meaning"),
    [("打了三次电话才有人接", Meaning.TOLD_SHOP), ("什么意思？", Meaning.ASKED), ("不用了", Meaning.SAID_NO)],
)
def test_what_went_wrong_takes_words_and_no_questions(said: str, meaning: Meaning) -> None:
    assert read(said, prompt("score"), Prompted(asks="why", score=1)) is meaning


def test_without_a_prompt_nothing_is_read_through_one() -> None:
    intent = understand("以后再说", offers=())
    assert read_answer(Memory(), intent) is intent


def test_a_button_of_a_follow_up_carries_its_own_value_and_a_forged_one_is_harmless() -> None:
    pressed = understand_press("asked_score:7.0.5", Menu(number=99))
    assert (pressed.meaning, pressed.choice and pressed.choice.value) == (Meaning.CHOSE, "7.0.5")


def test_yes_and_no_are_known_by_their_ids() -> None:
    label = Localised(zh="x", en="x")
    options = [PromptOption(id=name, label=label, then=Then.THANK) for name in ("yes", "no", "later")]
    assert [option.means for option in options] == ["yes", "no", None]

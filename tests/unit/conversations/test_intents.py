"""What a customer means, by words alone."""

import time

import pytest

from conversations.intents import Intent, Meaning, Offer, button_id, understand, understand_press
from conversations.memory import Choice, Menu
from conversations.values import AttachmentKind, Language

YES = Choice(token="helped", text_key="button.helped", means="yes")
NO = Choice(token="not_helped", text_key="button.not_helped", means="no")
OPEN = Choice(token="open", words="Which courier?", value="courier")
OFFERS = (
    Offer(YES, frozenset({"解决了", "yes, thanks"})),
    Offer(NO, frozenset({"没解决", "no"})),
    Offer(OPEN, frozenset({"which courier"})),
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("在吗", Meaning.GREETED),
        ("亲，在吗？", Meaning.GREETED),  # politeness twice
        ("？？", Meaning.GREETED),  # nothing but question marks
        ("hello!!", Meaning.GREETED),
        ("人呢", Meaning.MISSED_PERSON),
        ("anyone there?", Meaning.MISSED_PERSON),
        ("人工", Meaning.ASKED_PERSON),
        ("轉人工", Meaning.ASKED_PERSON),  # traditional script
        ("人 工", Meaning.ASKED_PERSON),  # a space between
        ("找人", Meaning.ASKED_PERSON),
        ("真人", Meaning.ASKED_PERSON),
        ("客服", Meaning.ASKED_PERSON),
        ("０", Meaning.ASKED_PERSON),  # full width
        ("请帮我转接一下人工客服，谢谢", Meaning.ASKED_PERSON),
        ("怎么还不发货，转人工！", Meaning.ASKED_PERSON),  # a clause of a longer message
        ("Agent", Meaning.ASKED_PERSON),
        ("talk to a human", Meaning.ASKED_PERSON),
        ("Could I please speak with a real person?", Meaning.ASKED_PERSON),
        ("this is useless. get me a human", Meaning.ASKED_PERSON),
        ("person please", Meaning.ASKED_PERSON),
        ("a person please!", Meaning.ASKED_PERSON),
        ("someone real", Meaning.ASKED_PERSON),
        ("真人工", Meaning.ASKED_PERSON),  # between 真人 and 人工
        ("is this for one cup, a person, a family", Meaning.ASKED),  # about anybody
        ("/person", Meaning.ASKED_PERSON),
        ("/person@kefu_bot", Meaning.ASKED_PERSON),  # as groups write it
        ("你们的茶是人工采摘的吗", Meaning.ASKED),  # hand-picked tea is no person
        ("客服，我的货到哪了", Meaning.ASKED),  # addressed, not asked for
        ("how many people work there", Meaning.ASKED),
        ("你好，几天能发货", Meaning.ASKED),  # a greeting before a question
        ("谢谢啦", Meaning.THANKED),
        ("ok, thanks!", Meaning.THANKED),
        ("你是机器人吗？", Meaning.ASKED_WHO),
        ("/start AB12", Meaning.STARTED),
        ("/help", Meaning.ASKED_HELP),
        ("目录", Meaning.ASKED_TOPICS),
        ("隐私", Meaning.ASKED_PRIVACY),
        ("出问题了", Meaning.WENT_WRONG),
        ("/language", Meaning.ASKED_LANGUAGE),
        ("👍", Meaning.WORDLESS),
        ("  ", Meaning.EMPTY),
        ("/unknown", Meaning.ASKED),  # no command of ours: a question like any other
        ("1", Meaning.ASKED),  # a number while nothing is offered
    ],
)
def test_words_without_buttons(text: str, meaning: Meaning) -> None:
    assert understand(text).meaning is meaning


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("English please", Language.EN),
        ("do you speak English?", Language.EN),
        ("/language en", Language.EN),
        ("中文", Language.ZH),
        ("请说中文", Language.ZH),
        ("/language zh-CN", Language.ZH),
    ],
)
def test_a_language_can_be_asked_for_in_words(text: str, language: Language) -> None:
    assert understand(text) == Intent(Meaning.CHOSE_LANGUAGE, text, language=language)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", YES),
        ("１", YES),
        ("①", YES),
        ("一", YES),
        ("第二个", NO),
        ("选3", OPEN),
        ("option 3", OPEN),
        ("解决了", YES),  # the label
        ("Which courier?", OPEN),  # the label of an article
        ("好的", YES),  # a plain yes
        ("nope", NO),  # a plain no
        ("没用。", NO),
    ],
)
def test_words_choose_among_the_buttons(text: str, choice: Choice) -> None:
    assert understand(text, offers=OFFERS).choice == choice


def test_a_number_that_no_button_has_is_told_apart_and_zero_is_a_person() -> None:
    assert understand("7", offers=OFFERS).meaning is Meaning.OUT_OF_RANGE
    assert understand("0", offers=OFFERS).meaning is Meaning.ASKED_PERSON


@pytest.mark.parametrize(
    ("text", "kinds", "meaning"),
    [
        ("", (AttachmentKind.VOICE,), Meaning.ATTACHED),
        ("", (AttachmentKind.STICKER,), Meaning.WORDLESS),
        ("茶罐破了", (AttachmentKind.PHOTO,), Meaning.ASKED),  # the caption is what is asked
        ("人工", (AttachmentKind.PHOTO,), Meaning.ASKED_PERSON),
    ],
)
def test_attachments(text: str, kinds: tuple[AttachmentKind, ...], meaning: Meaning) -> None:
    intent = understand(text, kinds)
    assert (intent.meaning, intent.attachments) == (meaning, kinds)


MENU = Menu(number=4, choices=(YES, NO, OPEN))


@pytest.mark.parametrize(
    ("button", "meaning"),
    [
        ("helped:4:0", Meaning.CHOSE),
        ("open:4:2", Meaning.CHOSE),
        ("helped:3:0", Meaning.PRESSED_OLD),  # of an older menu
        ("person:1:2", Meaning.CHOSE),  # a person may be asked for on any old button
        ("not_helped:4:0", Meaning.PRESSED_OLD),  # forged: the token is not the choice's
        ("open:4:9", Meaning.PRESSED_OLD),  # forged: no such place
        ("open:4:-1", Meaning.PRESSED_OLD),
        ("open:4:²", Meaning.PRESSED_OLD),  # a digit that is no number
        ("", Meaning.PRESSED_OLD),
    ],
)
def test_pressed_buttons(button: str, meaning: Meaning) -> None:
    assert understand_press(button, MENU).meaning is meaning


def test_a_button_id_fits_any_channel_and_comes_back() -> None:
    ids = [button_id(MENU, index) for index in range(3)]
    assert all(len(each.encode()) <= 64 for each in ids)
    assert [understand_press(each, MENU).choice for each in ids] == [YES, NO, OPEN]


@pytest.mark.parametrize("text", ["我要" * 5000, "啊" * 9999 + "X", "!" * 9999 + "a", "i can " * 1600, "转" * 10_000])
def test_no_text_keeps_the_patterns_busy(text: str) -> None:
    began = time.perf_counter()
    understand(text, offers=OFFERS)
    assert time.perf_counter() - began < 1.0

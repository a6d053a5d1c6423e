"""The small markup becomes formatting beside plain text, and formatting becomes the small markup."""

import pytest

from conversations.channels import PushChannel
from conversations.formatted import Entity, FormattedText
from conversations.markup import read_markup, write_markup
from conversations.payloads import MessagePayload, write_payloads
from conversations.values import Button

LINK = "https://shop.example/tea"

# markup, what is seen, entities as (type, offset, length, url)
TABLE: list[tuple[str, str, list[tuple[str, int, int, str | None]]]] = [
    ("plain", "plain", []),
    ("a **b c** d", "a b c d", [("bold", 2, 3, None)]),
    (f"see [here]({LINK}) now", "see here now", [("text_link", 4, 4, LINK)]),
    # an emoji counts as two
    ("😀 **b**", "😀 b", [("bold", 3, 1, None)]),
    # a link within bold words
    (f"**x [y]({LINK})**", "x y", [("bold", 0, 3, None), ("text_link", 2, 1, LINK)]),
    # lists, at the beginning of a line only
    ("- one\n- two - three", "• one\n• two - three", []),
    # what is not markup stays
    ("2 ** 3 ** 4", "2 ** 3 ** 4", []),
    ("**open", "**open", []),
    ("[x](javascript:alert(1))", "[x](javascript:alert(1))", []),
]


@pytest.mark.parametrize(("text", "seen", "entities"), TABLE)
def test_markup_is_read(text: str, seen: str, entities: list[tuple[str, int, int, str | None]]) -> None:
    read = read_markup(text)
    assert read.text == seen
    assert [(e.type, e.offset, e.length, e.url) for e in read.entities] == entities


# text, entities, markup
WRITTEN: list[tuple[str, list[Entity], str]] = [
    ("a b c", [Entity("bold", 2, 1)], "a **b** c"),
    ("😀 here", [Entity("text_link", 3, 4, LINK)], f"😀 [here]({LINK})"),
    # formatting without a mark of its own
    ("a b c", [Entity("italic", 2, 1)], "a b c"),
    # of two that cross, the first
    ("a b c", [Entity("bold", 0, 3), Entity("text_link", 2, 3, LINK)], "**a b** c"),
    # beyond the text, or around nothing but space
    ("ab", [Entity("bold", 5, 2), Entity("bold", 1, 0)], "ab"),
    ("a  b", [Entity("bold", 1, 2)], "a  b"),
]


@pytest.mark.parametrize(("text", "entities", "markup"), WRITTEN)
def test_markup_is_written(text: str, entities: list[Entity], markup: str) -> None:
    assert write_markup(FormattedText(text, tuple(entities))) == markup


def test_a_long_message_is_cut_outside_its_bold_words_and_keeps_its_buttons_at_the_end() -> None:
    text = "word " * 30 + "**these words stay together** " + "word " * 30
    button = Button(id="yes:1:0", label="Yes")
    payloads = write_payloads("71", text, PushChannel(165), [button])
    assert [payload.buttons for payload in payloads] == [()] * (len(payloads) - 1) + [(button,)]
    assert "".join(payload.text for payload in payloads).split() == text.replace("**", "").split()
    bold = [(p.text[e.offset : e.offset + e.length]) for p in payloads for e in p.entities]
    assert bold == ["these words stay together"]


def test_nothing_to_say_is_no_call() -> None:
    assert write_payloads("71", " \n", PushChannel(4096)) == ()


def test_a_payload_survives_its_column() -> None:
    (payload,) = write_payloads("71", f"**a** [b]({LINK})", PushChannel(4096))
    assert MessagePayload.model_validate(payload.model_dump(mode="json")) == payload

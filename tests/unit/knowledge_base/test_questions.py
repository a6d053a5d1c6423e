"""In which readings a text is searched for: first as it was typed, then as it may have been meant."""

import pytest

from knowledge_base.questions import Reader, SynonymTable
from knowledge_base.values import SearchContext

WORDINGS = ("关税谁付", "优惠券怎么用", "罐子破了", "手机号换了")


def read(text: str) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    reading = Reader(WORDINGS, SynonymTable((("优惠券", "代金券"),))).read(text, SearchContext())
    return reading.whole, reading.others, reading.parts


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("关水谁付", ("关税谁付",)),  # one character of a word
        ("首集号换了", ("手机号换了",)),  # both of them
        ("优会券怎么用", ("优惠券怎么用",)),  # and then the word of which it is a synonym
        ("关税谁付", ()),  # nothing to mend
        ("收集关水", ()),  # two words would have to be others: it is about something else
        ("你们卖咖啡吗", ()),  # nothing that sounds like a word of the shop
    ],
)
def test_what_sounds_like_a_word_of_the_shop_is_a_second_reading(typed: str, heard: tuple[str, ...]) -> None:
    assert read(typed) == (typed, heard, ())


def test_each_sentence_has_its_own_readings() -> None:
    whole, others, parts = read("代金券怎么用？关水谁付？")
    assert whole == "优惠券怎么用?关水谁付?"
    assert others == ("优惠券怎么用?关税谁付?",)
    assert parts == (("优惠券怎么用?",), ("关水谁付?", "关税谁付?"))

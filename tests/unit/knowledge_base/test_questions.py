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
        ("带金券怎么用", ("优惠券怎么用",)),  # the synonym itself
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


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("where is my pkg", "where is my parcel"),  # it is an abbreviation elsewhere
        ("does the gaiwan break", "does the lidded cup break"),  # near a usual word
        ("does the giawan break", "does the lidded cup break"),  # with a slip of its own
        ("where is my parcle", "where is my parcel"),  # the group's first, which no wording has
    ],
)
def test_a_word_of_the_synonym_list_is_a_word_of_the_shop(typed: str, whole: str) -> None:
    synonyms = SynonymTable((("parcel", "pkg"), ("lidded cup", "gaiwan")))
    assert Reader(["how long does it take"], synonyms).read(typed, SearchContext()).whole == whole

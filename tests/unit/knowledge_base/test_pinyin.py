"""Words typed as pinyin are heard by the words of the knowledge base."""

import pytest

from knowledge_base.pinyin import _NEVER_PINYIN, Hearer, _all_syllables

WORDINGS = ("西安发货吗", "龙井茶怎么保存")


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("longjingcha zenme baocun", "龙井茶怎么保存"),  # words apart
        ("longjingchazenmebaocun", "龙井茶怎么保存"),  # in one
        ("zai xi'an ma", "zai xi'an ma"),  # mostly words that the knowledge base does not have
        ("how long does it take", "how long does it take"),  # English
        ("can you", "can you"),  # English that could be pinyin
        ("a", "a"),  # one syllable alone
    ],
)
def test_pinyin_becomes_characters(typed: str, heard: str) -> None:
    assert Hearer(WORDINGS).spell_out(typed) == heard


def test_letters_that_almost_are_pinyin_cost_no_time() -> None:
    """Tried split by split, these would take longer than the universe has been there."""
    assert Hearer(WORDINGS).spell_out("xian" * 100 + "ie" + "v") == "xian" * 100 + "iev"


def test_no_syllable_is_taken_for_english() -> None:
    assert [syllable for syllable in _all_syllables() if _NEVER_PINYIN.search(syllable + "b" + "a")] == []

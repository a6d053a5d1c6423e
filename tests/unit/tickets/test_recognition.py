"""What a complaint is about, in the customer's words."""

import pytest

from tests.unit.tickets.shipped import RULES
from tickets.recognition import recognise


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("茶罐破了", "damaged"),
        # as she types it
        ("茶岁了，罐子也坡了", "damaged"),
        ("My tea arrived broken, second time!", "damaged"),
        # a grade of tea, not a complaint
        ("龙井碎茶多少钱", None),
        ("do you have broken leaf tea", None),
        # both in one
        ("你们的碎茶礼盒压坏了", "damaged"),
        ("发错货了，我买的是龙井", "wrong-item"),
        ("少发了一罐", "missing-item"),
        ("包裹显示签收可我没收到", "lost"),
        ("it never arrived", "lost"),
        ("茶叶里有虫子", "safety"),
        ("喝了拉肚子", "safety"),
        ("your staff was rude", "service"),
        ("提个建议，出个小包装吧", "suggestion"),
        ("great service, thank you", "praise"),
        # mixed languages
        ("我的 order arrived damaged 怎么办", "damaged"),
        # a word within a word is none
        ("I lately moved house", None),
        ("你好", None),
    ],
)
def test_categories(text: str, category: str | None) -> None:
    assert recognise(text, RULES).category == category


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("又碎了！太过分了", {"again", "anger"}),
        ("I'll call my lawyer", {"law"}),
        ("我要打12315", {"law"}),
        ("孩子喝了过敏住院", {"harm"}),
        ("谢谢", set()),
        # not "sue"
        ("the issue is the tissue", set()),
        # width and case
        ("ＦＵＲＩＯＵＳ", {"anger"}),
    ],
)
def test_words_that_weigh(text: str, words: set[str]) -> None:
    assert set(recognise(text, RULES).words) == words

"""What somebody who complains would like done, heard in words of their own."""

import pytest

from conversations.wishes import find_wish

REPLACEMENT, REFUND = "wish.replacement", "wish.refund"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        # said with the complaint, or alone
        ("茶罐破了，给我补发一罐", REPLACEMENT),
        ("补发", REPLACEMENT),
        ("换一罐好的就行", REPLACEMENT),
        ("麻烦重新寄一份", REPLACEMENT),
        ("我要退款", REFUND),
        ("把钱退给我吧", REFUND),
        ("My tin arrived broken, please send me a new one", REPLACEMENT),
        ("I'd like a replacement", REPLACEMENT),
        ("I want my money back", REFUND),
        # what is not wanted
        ("不用补发，我只要退款", REFUND),
        ("不要退款", None),
        ("I don't want a refund, just send it again", REPLACEMENT),
        ("no refund needed", None),
        # what others said, and what is waited for
        ("你们说补发，到现在没影", None),
        ("退款还没到", None),
        ("you promised a replacement and nothing came", None),
        ("the refund never came", None),
        # either will do: that is asked
        ("补发或者退款都行", None),
        # nothing is wished for
        ("茶罐破了，茶叶都洒了", None),
        ("", None),
    ],
)
def test_a_wish_is_heard_where_one_was_said(text: str, wish: str | None) -> None:
    assert find_wish(text) == wish

"""In which language a message is answered."""

import pytest

from conversations.language import choose, written_in
from conversations.values import Language

ZH, EN = Language.ZH, Language.EN


@pytest.mark.parametrize(
    ("text", "before", "language"),
    [
        ("几天发货", None, ZH),
        ("幾天發貨", EN, ZH),  # traditional script is Chinese too
        ("where is my order", ZH, EN),
        ("refund", ZH, EN),  # one English word is enough
        ("我的order在哪", EN, ZH),  # mixed: Chinese carries the sentence
        ("fapiao", ZH, None),  # pinyin among Chinese says nothing
        ("tui kuan", ZH, None),
        ("longjing", EN, EN),
        ("ok", ZH, None),
        ("hi", EN, None),
        ("12345", ZH, None),
        ("SF1234567", ZH, None),
        ("DD-20938", ZH, None),  # an order's number is no English
        ("AB 123", ZH, None),
        ("订单 AB 123 呢", EN, ZH),
        ("in 3 days", ZH, EN),
        ("where is DD-20938", ZH, EN),
        ("👍", EN, None),
        ("/person", ZH, None),  # commands are English words for everybody
        ("", ZH, None),
        ("asdf qwer", ZH, None),  # keys hit without a thought have no language
        ("qweqwe asdfgh", ZH, None),
        ("hjgfkd", ZH, None),  # nor have letters without a vowel
        ("asdf where is my order", ZH, EN),  # but what is said beside them has
        ("were there any", ZH, EN),  # neighbours on the keyboard, and English
        ("why", ZH, EN),
    ],
)
def test_what_a_message_is_written_in(text: str, before: Language | None, language: Language | None) -> None:
    assert written_in(text, before) == language


@pytest.mark.parametrize(
    ("text", "chosen", "before", "client", "language"),
    [
        ("where is it", ZH, None, "en", ZH),  # the customer's own choice wins
        ("where is it", None, ZH, "zh", EN),  # then what the message is written in
        ("ok", None, EN, "zh", EN),  # then what was spoken before
        ("ok", None, None, "en-GB", EN),  # then the client's language
        ("ok", None, None, "zh-Hant-TW", ZH),
        ("ok", None, None, "fr", EN),  # a third language reads English rather than Chinese
        ("ok", None, None, None, ZH),  # then the shop's
    ],
)
def test_the_order_of_reasons(
    text: str, chosen: Language | None, before: Language | None, client: str | None, language: Language
) -> None:
    assert choose(text, chosen=chosen, before=before, client=client, default=ZH) is language

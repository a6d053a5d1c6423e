"""Amounts as customers read them."""

import pytest

from conversations.amounts import amount_words
from conversations.values import Language
from core.money import Money


@pytest.mark.parametrize(
    ("amount_minor", "currency", "zh", "en"),
    [
        (3_800, "CNY", "38元", "¥38"),  # no fraction that is nothing
        (1_240, "CNY", "12.40元", "¥12.40"),
        (129_900, "GBP", "1,299英镑", "£1,299"),
        (400, "JPY", "400日元", "JP¥400"),  # no smaller unit
        (200, "PTS", "200积分", "200 points"),
        (1, "PTS", "1积分", "1 point"),
        (1_500, "CHF", "15 CHF", "15 CHF"),  # no name of its own
    ],
)
def test_how_an_amount_is_said(amount_minor: int, currency: str, zh: str, en: str) -> None:
    money = Money(amount_minor, currency)
    assert (amount_words(money, Language.ZH), amount_words(money, Language.EN)) == (zh, en)

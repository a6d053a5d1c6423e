"""Amounts as people say them. Pure."""

from decimal import Decimal

from conversations.values import Language
from core.money import Money, minor_digits

_ZH = {
    "CNY": "元", "HKD": "港元", "USD": "美元", "CAD": "加元", "AUD": "澳元", "EUR": "欧元", "GBP": "英镑",
    "JPY": "日元", "PTS": "积分",
}  # fmt: skip
_EN = {"CNY": "¥", "HKD": "HK$", "USD": "$", "CAD": "CA$", "AUD": "A$", "EUR": "€", "GBP": "£", "JPY": "JP¥"}
_ONE_POINT = Money(1, "PTS")


def amount_words(money: Money, language: Language) -> str:
    """38元, 12.40元, 200积分; ¥38, £12.40, 200 points."""
    number = _number(money)
    if language is Language.ZH:
        name = _ZH.get(money.currency)
        return f"{number}{name}" if name else f"{number} {money.currency}"
    if money.currency == "PTS":
        return f"{number} point" if money == _ONE_POINT else f"{number} points"
    sign = _EN.get(money.currency)
    return f"{sign}{number}" if sign else f"{number} {money.currency}"


def _number(money: Money) -> str:
    """Without a fraction that is nothing."""
    digits = minor_digits(money.currency)
    value = Decimal(money.amount_minor).scaleb(-digits)
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.{digits}f}"

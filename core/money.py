"""Money as integer minor units with its currency."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.errors import InvalidInput

#: ISO 4217 currencies whose minor unit is not a hundredth.
_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "PTS": 0, "BHD": 3, "KWD": 3, "JOD": 3, "TND": 3, "OMR": 3}


def minor_digits(currency: str) -> int:
    """How many decimal places amounts in `currency` are written with."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` is in the currency's smallest unit (fen, cents); `currency` is ISO 4217 or PTS for points."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        digits = minor_digits(self.currency)
        return f"{Decimal(self.amount_minor).scaleb(-digits):.{digits}f} {self.currency}"


def parse_money(text: str, currency: str) -> Money:
    """Reads an amount as people write it (`38.00`, `¥38`, `1,299.5`).

    Raises:
        InvalidInput: not a number, or finer than the currency's minor unit.
    """
    bare = text.strip().lstrip("¥￥$€£").rstrip("元").replace(",", "").replace("，", "").strip()
    try:
        scaled = Decimal(bare).scaleb(minor_digits(currency))
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is not an amount; write it like 38.00") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise InvalidInput(f"{text!r} is not an amount in {currency}; it has too many decimal places")
    return Money(int(scaled), currency)

"""What a preview's gifts would cost the shop at most. Pure."""

from collections import Counter
from collections.abc import Iterable

from core.money import Money
from scheduler.gift_rules import worth
from scheduler.preview import Row


def cost_of(rows: Iterable[Row], currency: str) -> list[Money]:
    """If everybody took what they are offered: a sum for each currency, points among them."""
    sums: Counter[str] = Counter()
    for row in rows:
        gift = row.programme.step[row.step - 1].gift
        money = worth(gift, currency) if row.is_sent and gift is not None else None
        if money is not None:
            sums[money.currency] += money.amount_minor
    return [Money(amount, name) for name, amount in sorted(sums.items())]

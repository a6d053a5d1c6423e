"""What a programme gives, in the shop's currency: the terms that go with one occasion. Pure."""

from core.money import Money
from core.shop_facts import Localised
from scheduler.programme_rules import Programme
from scheduler.step_rules import Gift
from tickets.gift_terms import GiftTerms
from tickets.rules import minor
from tickets.values import POINTS, GrantKind


def gift_of(programme: Programme, step: int, rule: str, key: str, currency: str) -> GiftTerms | None:
    """The terms under which the step gives something; None: nothing, or nothing in this currency."""
    gift = programme.step[step - 1].gift
    if gift is None or (money := worth(gift, currency)) is None:
        return None
    return GiftTerms(
        programme=programme.id,
        key=key,
        kind=gift.kind,
        amount_minor=money.amount_minor,
        currency=money.currency,
        valid_days=gift.valid_days if gift.kind is GrantKind.VOUCHER else None,
        every_days=gift.every_days,
        month=(minor(programme.budget, money.currency) or 0) if programme.budget else None,
        rule=rule,
        because=Localised(zh=programme.because.zh, en=programme.because.en),
        text=gift.text,
    )


def worth(gift: Gift, currency: str) -> Money | None:
    """What one gift costs the shop; None where the rules name no amount in its currency."""
    in_currency = POINTS if gift.kind is GrantKind.POINTS else currency
    amount = minor(gift.amount, in_currency)
    return Money(amount, in_currency) if amount else None

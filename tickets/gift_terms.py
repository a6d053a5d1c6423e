"""What a programme gives, as plain values."""

from pydantic import BaseModel, ConfigDict

from core.money import Money
from core.shop_facts import Localised
from tickets.values import GrantKind


class GiftTerms(BaseModel):
    """A voucher or points, offered once for each `key`. `month`: what the programme may give a month, in minor units.

    `valid_days`: of a voucher. `every_days`: the least days between two gifts of one programme to one customer.
    `rule` and `because` say why it is given; `text` says it, in place of the usual words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: str
    key: str
    kind: GrantKind
    amount_minor: int
    currency: str
    valid_days: int | None = None
    every_days: int = 0
    month: int | None = None
    rule: str
    because: Localised
    text: Localised | None = None

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)

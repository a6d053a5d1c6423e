"""Whom a list or a count is about: what customers bought, where it went, how old they are, their tags."""

from typing import Annotated

from fastapi import Depends, Query

from admin.api.fields import ShortLine
from customers.directory import Audience

Age = Annotated[int | None, Query(ge=0, le=150, description="In years, by the year of birth where it is known.")]
_OLDEST = 150


def _audience(
    tag: ShortLine | None = None,
    region: Annotated[ShortLine | None, Query(description="Where an order of theirs went.")] = None,
    product: Annotated[ShortLine | None, Query(description="What they have bought.")] = None,
    age_from: Age = None,
    age_to: Age = None,
) -> Audience:
    """Both ends of an age band are included; without either, age does not matter."""
    ages = None if age_from is None and age_to is None else (age_from or 0, _OLDEST if age_to is None else age_to)
    return Audience(tag=tag, region=region, product=product, ages=ages)


Wanted = Annotated[Audience, Depends(_audience)]

"""Public holidays by country, from the `holidays` library: China's with the weekend days that are worked instead."""

from functools import cache

import holidays

from tickets.calendars import PublicHolidays

#: Promises reach a year ahead at most; old ones stay explainable.
_YEARS = range(2024, 2042)


@cache
def public_holidays(country: str) -> PublicHolidays:
    """Of a country by its two letters; a country that the library does not know has none."""
    if country not in holidays.list_supported_countries():
        return PublicHolidays()
    found = holidays.country_holidays(country, years=_YEARS)
    worked = frozenset(day for day in getattr(found, "weekend_workdays", ()) if day.year in _YEARS)
    known = frozenset(day.year for day in worked) if worked else None
    return PublicHolidays(frozenset(found) - worked, worked, known)

"""The rules that come with the product, and a shop in Shanghai that opens every day from nine to six."""

from zoneinfo import ZoneInfo

from tickets.calendars import CALENDARS, PublicHolidays, hours_of
from tickets.rules import TICKETS
from tickets.sla import Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = TICKETS.parse(TICKETS.shipped)
CALENDAR_RULES = CALENDARS.parse(CALENDARS.shipped)
HOURS = Hours.of(hours_of(CALENDAR_RULES.named(None), SHANGHAI, lambda _country: PublicHolidays()))

"""Days as people say them. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conversations.values import Language

_WEEKDAYS = "一二三四五六日"


def day_words(day: datetime, language: Language) -> str:
    """The day in the zone that `day` carries: 3月5日（周四）, Thursday 5 March."""
    if language is Language.ZH:
        return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"
    return f"{day:%A} {day.day} {day:%B}"


def by_words(due: datetime | None, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """By when something is promised, as weekday and hour in `zone`: 今天（周一）上午11点前, by 11 am today, Monday.

    Never earlier than `due`: the next half hour is named. Without a promise: 尽快, as soon as we can.
    """
    if due is None:
        return "尽快" if language is Language.ZH else "as soon as we can"
    at = at_words(due, now, zone, language)
    return f"{at}前" if language is Language.ZH else f"by {at}"


def at_words(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """A weekday and an hour in `zone`, the next half hour: 今天（周一）下午3点, 3 pm today, Monday."""
    local = _half_hour_after(at.astimezone(zone))
    days = (local.date() - now.astimezone(zone).date()).days
    if language is Language.ZH:
        near = f"{('今天', '明天')[days]}（周{_WEEKDAYS[local.weekday()]}）" if days in (0, 1) else None
        return f"{near or day_words(local, language)}{_hour_zh(local)}"
    if days in (0, 1):
        return f"{_hour_en(local)} {('today', 'tomorrow')[days]}, {local:%A}"
    return f"{_hour_en(local)} on {day_words(local, language)}"


def _half_hour_after(at: datetime) -> datetime:
    """`at` itself when a few seconds past it: nobody counts those."""
    minutes = at.replace(second=0, microsecond=0)
    return minutes + timedelta(minutes=-minutes.minute % 30)


def _hour_zh(at: datetime) -> str:
    parts = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    part = next(name for end, name in parts if at.hour < end)
    return f"{part}{at.hour if at.hour <= 12 else at.hour - 12}点{'半' if at.minute else ''}"


def _hour_en(at: datetime) -> str:
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'am' if at.hour < 12 else 'pm'}"

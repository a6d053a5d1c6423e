"""What an agent's words bind us to: a time that is named is promised, and a guarantee is asked about once. Pure.

Times are read in the shop's zone: "明天上午给您答复", "3点前", "by 3", "within two hours", "we'll call on Friday".
A span binds by its end. Questions, requests and times that have passed promise nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from unicodedata import normalize
from zoneinfo import ZoneInfo

from tickets.values import GivenTime

_FARTHEST = timedelta(days=60)
_CLOSES = 18
_NOON = 12
#: By which hour a part of the day is over.
_PARTS = {
    "早上": 10, "上午": 12, "中午": 13, "下午": 18, "傍晚": 19, "晚上": 21, "下班": _CLOSES, "早": 10, "晚": 21,
    "morning": 12, "noon": 12, "lunchtime": 13, "afternoon": 18, "evening": 21, "night": 21, "tonight": 21,
    "end of the day": _CLOSES, "end of day": _CLOSES,
}  # fmt: skip
_LATE_PARTS = frozenset({"下午", "傍晚", "晚上", "晚", "中午", "afternoon", "evening", "night", "tonight"})
_FIGURES = {mark: n for n, mark in enumerate("零一二三四五六七八九十")} | {"两": 2}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "half an": 0.5, "半": 0.5}
_WEEK_ZH, _WEEK_EN = "一二三四五六日", ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NEAR = {
    "今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3,
    "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip

_CLAUSE = re.compile(r"[^。！？!?；;，,\n]+[？?]?|[？?]")
_ASKS = re.compile(r"[？?]$|吗|呢$|^(?:can|could|do|does|did|are|is|would|will) (?:you|it|that|this)\b")
_REQUESTS = re.compile(r"^(?:请|麻烦|您|如果|要是|please\b|you(?!'ll)\b|if\b|could\b|can\b)")
_OURS = re.compile(
    r"(?<!给)(?<!发)(?<!告诉)我|给您|帮您|为您|同事|\b(?:i|we|our|i'll|we'll|someone|somebody|a colleague)\b"
)
_COMMITS = re.compile(
    r"前|之内|以内|内|答复|回复|回您|告诉|联系|处理|寄|发|补|退|查|办|电话|通知|安排|给您|结果|消息"
    r"|\b(?:by|before|within|in|will|'ll|back to you|let you know|call|send|reply|answer|tell|have|know)\b|'ll\b"
)

#: What is said first decides: a time by which something is done settles the matter, one for an answer does not.
_DEED = re.compile(
    r"(?P<settles>寄|发(?!您?(?:消息|短信|邮件|信息))|补|退|换|修|赔|处理|解决|安排|办|送"
    r"|\bsen[dt]\b(?! (?:you )?(?:an? |the )?(?:answer|reply|message|note|update|word|e-?mail))"
    r"|\b(?:ship|refund|replac|repair|fix|solv|sort|settl|deliver|pa(?:y|id)\b|credit|done\b|ready\b))"
    r"|答复|回复|回您|回电|回话|告诉|告知|联系|电话|通知|消息|短信|邮件|信息|反馈|查|核实|了解|问|看看"
    r"|\b(?:back to you|know|call|ring|reply|answer|tell|write|hear|contact|update|message|check|look into|find out)\b"
)

_COUNT_ZH = r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半)"
_WITHIN_ZH = re.compile(rf"{_COUNT_ZH}(?P<more>个半)?个?(?P<unit>小时|钟头|分钟|工作日|天)(?:之内|以内|内|后)")
_WITHIN_EN = re.compile(
    r"\b(?:within|in) (?:the next )?(?P<n>\d{1,3}|half an|an?|one|two|three|four|five|six)\s*(?P<more>)"
    r"(?P<unit>hour|minute|min|working day|business day|day)s?\b"
)
_UNITS = {
    "小时": timedelta(hours=1), "钟头": timedelta(hours=1), "分钟": timedelta(minutes=1), "天": timedelta(days=1),
    "hour": timedelta(hours=1), "minute": timedelta(minutes=1), "min": timedelta(minutes=1), "day": timedelta(days=1),
}  # fmt: skip
_SPAN = re.compile(
    r"(?P<n>\d{1,3}|[一二两三四五六七八九十]{1,3}|半|half an|an?|one|two|three)(?P<more>个半)?\s*个?"
    r"(?P<unit>h|m|d|小时|钟头|分钟|分|天|hour|minute|min|day)s?"
)
_SHORT_UNITS = {"h": "hour", "m": "minute", "d": "day", "分": "分钟"}
_DAY = re.compile(
    r"(?P<near>今天|今日|今晚|明天|明日|明早|明晚|大后天|后天|\btoday\b|\btonight\b|\btomorrow\b)"
    r"|(?P<week>下)?(?:个)?(?:周|星期|礼拜)(?P<zh>[一二三四五六日天])"
    r"|\b(?P<next>next )?(?P<en>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|(?:(?P<month>\d{1,2})月)?(?P<date>\d{1,2})[号日]"
)
_PART = re.compile(
    r"早上|上午|中午|下午|傍晚|晚上|下班|(?<=[今明])[早晚]|\b(?:morning|noon|lunchtime|afternoon|evening|night|tonight)\b"
    r"|\bend of (?:the )?day\b"
)
_CLOCK = re.compile(
    r"(?P<zh>\d{1,2}|[一二两三四五六七八九十]{1,3})点(?P<past>半|一刻|三刻|\d{1,2}分?)?"
    r"|(?P<hour>\d{1,2}):(?P<minute>\d{2})\s*(?P<half>am\b|pm\b)?"
    r"|\b(?P<plain>\d{1,2})\s*(?P<half2>am|pm)\b"
    r"|\b(?:by|before|at|around|until) (?P<bare>\d{1,2})(?:\s*o'?clock)?"
    r"(?![\d%:.]|\s*(?:of|items?|pieces?|days?|hours?|minutes?|yuan))\b"
)
_GUARANTEE = re.compile(r"保证|担保|\bguarante(?:e|es|ed|eing)\b", re.IGNORECASE)


def guarantees(text: str) -> bool:
    """Whether the words promise more than people should without a second thought."""
    return _GUARANTEE.search(text) is not None


def read_times(text: str, now: datetime, zone: ZoneInfo) -> tuple[GivenTime, ...]:
    """By when `text`, written at `now` by one of us, says that something will be done; the earliest first."""
    local = now.astimezone(zone)
    found: dict[datetime, GivenTime] = {}
    for clause, settles in _promising(_plain(text)):
        given = _read(clause, local)
        if given is not None:
            known = found.get(given.at)
            found[given.at] = replace(given, settles=settles or (known is not None and known.settles))
    return tuple(found[at] for at in sorted(found))


def _plain(text: str) -> str:
    return normalize("NFKC", text).replace("a.m.", "am").replace("p.m.", "pm").replace("’", "'").lower()


def read_until(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when, as somebody at the desk writes it: "明天10点", "2h", "半小时", "Friday", "18:00". None: no time."""
    plain = _plain(text).strip()
    span = _SPAN.fullmatch(plain)
    if span is not None:
        count = _NUMBERS.get(span["n"]) or _number(span["n"])
        until = now + _UNITS[_SHORT_UNITS.get(span["unit"], span["unit"])] * (count + (0.5 if span["more"] else 0))
        return until if until <= now + _FARTHEST else None
    given = _read(plain, now.astimezone(zone))
    return given.at if given is not None else None


def _promising(plain: str) -> Iterator[tuple[str, bool]]:
    """The clauses that say what we shall do, each with whether that settles the matter."""
    clauses = [clause.strip() for clause in _CLAUSE.findall(plain)]
    for number, said in enumerate(clauses):
        is_asked_of_them = _REQUESTS.search(said) and not _OURS.search(said)
        if not _ASKS.search(said) and not is_asked_of_them and _COMMITS.search(said):
            yield said, _settles(" ".join(clauses[number : number + 2]))


def _settles(said: str) -> bool:
    """Whether the clause, or the one behind it where it names no deed, speaks of more than an answer."""
    deed = _DEED.search(said)
    return deed is None or deed["settles"] is not None


def _read(clause: str, now: datetime) -> GivenTime | None:
    within = _WITHIN_ZH.search(clause) or _WITHIN_EN.search(clause)
    if within is not None:
        return _sane(within[0], _after(within, now), now)
    day, part, clock = _DAY.search(clause), _PART.search(clause), _CLOCK.search(clause)
    if day is None and part is None and clock is None:
        return None
    marks = [match for match in (day, part, clock) if match is not None]
    words = clause[min(match.start() for match in marks) : max(match.end() for match in marks)]
    on = _date(day, now.date()) if day is not None else now.date()
    if on is None:
        return None
    at = _hour(clock, part[0] if part else None)
    if at is None:
        return None
    due = datetime.combine(on, at, now.tzinfo)
    if due <= now and day is None and part is None:
        due += timedelta(days=1)
    return _sane(words, due, now)


def _sane(words: str, due: datetime, now: datetime) -> GivenTime | None:
    return GivenTime(words[:80], due) if now < due <= now + _FARTHEST else None


def _after(within: re.Match[str], now: datetime) -> datetime:
    count = _NUMBERS.get(within["n"]) or _number(within["n"])
    if within["unit"] in ("工作日", "working day", "business day"):
        return _working_days_after(now, int(count))
    return now + _UNITS[within["unit"]] * (count + (0.5 if within["more"] else 0))


def _working_days_after(now: datetime, count: int) -> datetime:
    day = now
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day.replace(hour=_CLOSES, minute=0, second=0, microsecond=0)


def _date(day: re.Match[str], today: date) -> date | None:
    if day["near"]:
        return today + timedelta(days=_NEAR[day["near"]])
    if day["zh"] or day["en"]:
        wanted = _WEEK_ZH.find(day["zh"].replace("天", "日")) if day["zh"] else _WEEK_EN.index(day["en"][:3])
        if day["week"]:
            return today + timedelta(days=7 - today.weekday() + wanted)
        ahead = (wanted - today.weekday()) % 7
        return today + timedelta(days=ahead + 7 if day["next"] and ahead == 0 else ahead)
    return _day_of_month(day, today)


def _day_of_month(day: re.Match[str], today: date) -> date | None:
    month = int(day["month"]) if day["month"] else today.month
    for year, number in ((today.year, month), (today.year + (month == 12 or bool(day["month"])), month % 12 + 1)):
        try:
            found = date(year, month if day["month"] else number, int(day["date"]))
        except ValueError:
            continue
        if found >= today:
            return found
    return None


def _hour(clock: re.Match[str] | None, part: str | None) -> time | None:
    """The hour that was named; the end of a part of the day, or of the day, where none was."""
    if clock is None:
        return time(_PARTS[part] if part else _CLOSES)
    hour = _number(clock["zh"] or clock["hour"] or clock["plain"] or clock["bare"])
    half = clock["half"] or clock["half2"]
    minute = int(clock["minute"] or 0) if clock["hour"] else _minute(clock["past"])
    is_late = half == "pm" or (half is None and (part in _LATE_PARTS or (part is None and hour < 8)))
    if is_late and hour < _NOON and not (part == "中午" and hour > 9):
        hour += _NOON
    elif half == "am" and hour == _NOON:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _minute(past: str | None) -> int:
    return {"半": 30, "一刻": 15, "三刻": 45}.get(past or "", 0) or int((past or "").rstrip("分") or 0) if past else 0


def _number(text: str) -> int:
    """A number in figures, or in Chinese up to ninety-nine."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _FIGURES[text[-1]]
    return (_FIGURES[tens] if tens else 1) * 10 + (_FIGURES[ones] if ones else 0)

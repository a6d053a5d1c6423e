"""A row of a shop's customer sheet -> what it says of one customer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import InvalidInput
from core.table_values import read_flag
from core.tables import Column, TableForm, TableRow
from customers.birthdays import parse_birthday
from customers.cells import BadCell, Cells, read_number
from customers.contacts import parse_email, parse_phone
from customers.values import BirthdayCalendar, ConsentKind

#: Each column with the other headers that mean it; the first is the one in the Chinese template.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        "客户编号", "customer id", "customer no", "customer number", "会员号", "会员编号", "客户号", "id", "编号",
        "顾客编号",
    ),
    "name": ("姓名", "客户姓名", "客户名称", "full name", "customer name", "名字", "收货人", "顾客", "客户"),
    "form_of_address": ("称呼", "salutation", "title", "尊称"),
    "organisation": ("单位", "公司", "organization", "company", "公司名称"),
    "phone": (
        "手机", "电话", "手机号", "手机号码", "联系电话", "mobile", "mobile phone", "cell", "tel", "telephone",
        "phone number",
    ),
    "email": ("邮箱", "电子邮件", "电子邮箱", "e-mail", "mail", "email address"),
    "telegram_id": ("telegram", "telegram user id", "电报"),
    "language": ("语言", "lang", "locale", "语种"),
    "timezone": ("时区", "tz", "time zone"),
    "birthday": ("生日", "出生日期", "birth date", "date of birth", "dob", "birthdate"),
    "birthday_calendar": ("历法", "calendar", "生日历法", "公历农历"),
    "birthday_leap_month": ("闰月", "leap month", "是否闰月"),
    "tags": ("标签", "tag", "labels", "客户标签"),
    # Not 备注, remarks: what staff jot down for themselves is nothing that `/me` should show its subject.
    "needs": ("特殊需求", "special needs", "喜好", "偏好", "忌口", "要求", "needs and wishes"),
    "follow_ups": ("接受关怀", "care", "关怀", "同意关怀", "接受回访", "是否接受关怀"),
    "promotions": (
        "接受促销", "promotion", "marketing", "营销", "同意营销", "接受营销", "是否接受促销", "是否接受营销",
        "newsletter",
    ),
    "consent_source": ("同意来源", "source of consent", "来源"),
    "consent_at": ("同意时间", "同意日期", "consent date", "consented at"),
}  # fmt: skip


class Key(StrEnum):
    """What a customer is found by."""

    EXTERNAL_ID = "external_id"
    PHONE = "phone"
    EMAIL = "email"


FORM = TableForm(tuple(Column(name, aliases) for name, aliases in HEADERS.items()), required=(tuple(Key),))
_LANGUAGES = {
    "zh": "zh", "zh_cn": "zh", "zh_hans": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
    "en": "en", "en_us": "en", "en_gb": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip
_CALENDARS = {
    "gregorian": BirthdayCalendar.GREGORIAN, "solar": BirthdayCalendar.GREGORIAN, "公历": BirthdayCalendar.GREGORIAN,
    "阳历": BirthdayCalendar.GREGORIAN, "新历": BirthdayCalendar.GREGORIAN, "lunar": BirthdayCalendar.LUNAR,
    "农历": BirthdayCalendar.LUNAR, "阴历": BirthdayCalendar.LUNAR, "旧历": BirthdayCalendar.LUNAR,
}  # fmt: skip
_CONSENTS = {"follow_ups": ConsentKind.CARE, "promotions": ConsentKind.PROMOTION}
_MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """What one row, or several of the same customer, say. `fields` holds columns that are not blank.

    `consents`: by kind what its column says, blank being no; kinds without a column are absent.
    """

    row: TableRow
    key: str
    fields: Mapping[str, Any]
    telegram_id: str | None
    consents: Mapping[ConsentKind, bool]
    consent_source: str | None
    consent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: where its times and its phone numbers are, and what a customer is found by."""

    zone: ZoneInfo
    country: str
    now: datetime
    key: Key


def read_row(row: TableRow, reading: Reading) -> CustomerRow:
    """Raises BadCell."""
    cells = Cells(row)
    fields = {name: value for name, value in _fields(cells, reading).items() if value not in (None, [])}
    key = fields.get(reading.key.value)
    if key is None:
        raise BadCell(reading.key.value, f"is empty, and customers are found by {reading.key.value}")
    consent_at = cells.instant("consent_at", reading.zone)
    if consent_at is not None and consent_at > reading.now:
        raise BadCell("consent_at", "is still to come")
    return CustomerRow(
        row=row,
        key=str(key),
        fields=fields,
        telegram_id=cells.read("telegram_id", _telegram_id),
        consents={kind: bool(cells.read(name, read_flag)) for name, kind in _CONSENTS.items() if cells.has(name)},
        consent_source=cells.text("consent_source", 200),
        consent_at=consent_at,
    )


def _fields(cells: Cells, reading: Reading) -> dict[str, Any]:
    return {
        "external_id": cells.read("external_id", read_number, 120),
        "name": cells.text("name", 200),
        "form_of_address": cells.text("form_of_address", 80),
        "organisation": cells.text("organisation", 200),
        "phone": cells.read("phone", lambda text: parse_phone(text, reading.country)),
        "email": cells.read("email", parse_email),
        "language": cells.choice("language", _LANGUAGES),
        "timezone": cells.read("timezone", _zone),
        "tags": _tags(cells),
        "needs": cells.text("needs", 2000),
        **_birthday(cells, reading),
    }


def _telegram_id(text: str) -> str:
    text = read_number(text)
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise ValueError(f"{text!r} is no Telegram id: that is a number, which only the bot itself learns")
    return text


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write it like Asia/Shanghai") from None


def _tags(cells: Cells) -> list[str]:
    tags = list(dict.fromkeys(tag[:60] for tag in cells.items("tags")))
    if len(tags) > _MOST_TAGS:
        raise BadCell("tags", f"has {len(tags)} tags, at most {_MOST_TAGS}")
    return tags


def _birthday(cells: Cells, reading: Reading) -> dict[str, Any]:
    calendar = cells.choice("birthday_calendar", _CALENDARS)
    leap = bool(cells.read("birthday_leap_month", read_flag))
    today = reading.now.astimezone(reading.zone).date()
    day = cells.read("birthday", lambda text: parse_birthday(text, calendar, leap, today=today))
    if day is None:
        return {}
    return {"birthday": day.text, "birthday_calendar": day.calendar, "birthday_leap_month": day.leap_month}


def key_of(headers: set[str], asked: Key | None) -> Key:
    """The first of the keys that the file has, or the one asked for. Raises InvalidInput: the file lacks that one."""
    if asked is not None and asked.value not in headers:
        raise InvalidInput(f"--key {asked.value}: the file has no such column")
    return asked or next(key for key in Key if key.value in headers)


def conflict(one: CustomerRow, other: CustomerRow) -> str | None:
    """The column in which two rows of the same customer contradict each other."""
    clash = (name for name, value in other.fields.items() if name != "tags" and one.fields.get(name, value) != value)
    found = next(clash, None)
    if found is None and any(one.consents.get(kind, given) != given for kind, given in other.consents.items()):
        return "follow_ups"
    return found


def joined(one: CustomerRow, other: CustomerRow) -> CustomerRow:
    """Both rows' words, which do not contradict each other."""
    tags = [*one.fields.get("tags", ()), *other.fields.get("tags", ())]
    return CustomerRow(
        row=one.row,
        key=one.key,
        fields={**one.fields, **other.fields, **({"tags": list(dict.fromkeys(tags))} if tags else {})},
        telegram_id=one.telegram_id or other.telegram_id,
        consents={**other.consents, **one.consents},
        consent_source=one.consent_source or other.consent_source,
        consent_at=one.consent_at or other.consent_at,
    )

"""What may be written into a customer's file, checked. Pure."""

from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from core.errors import InvalidInput
from customers.birthdays import parse_birthday
from customers.contacts import parse_email, parse_phone
from customers.values import BirthdayCalendar, Preferences

_MAX_TAGS = 50


def _plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds an unprintable character")
    return text


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone; write it like Asia/Shanghai") from None


def _language(name: str) -> str:
    if name not in ("zh", "en"):
        raise ValueError("must be zh or en")
    return name


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except InvalidInput as error:
        raise ValueError(error.detail) from None


def _email(text: str) -> str:
    try:
        return parse_email(text)
    except InvalidInput as error:
        raise ValueError(error.detail) from None


_TRIMMED = StringConstraints(strip_whitespace=True, min_length=1)
Line = Annotated[str, _TRIMMED, AfterValidator(_plain)]
Tag = Annotated[Line, Field(max_length=60)]


class ProfileChanges(BaseModel):
    """Fields to write; those not given stay, an explicit None empties one. `birthday` comes with its calendar.

    Raises:
        ValueError: for the first field that cannot be so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_id: Annotated[Line, Field(max_length=120)] | None = None
    name: Annotated[Line, Field(max_length=200)] | None = None
    form_of_address: Annotated[Line, Field(max_length=80)] | None = None
    organisation: Annotated[Line, Field(max_length=200)] | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    timezone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] | None = None
    birthday: Annotated[str, Field(max_length=40)] | None = None
    birthday_calendar: BirthdayCalendar | None = None
    birthday_leap_month: bool = False
    phone: Annotated[str, Field(max_length=60), AfterValidator(_phone)] | None = None
    email: Annotated[str, Field(max_length=254), AfterValidator(_email)] | None = None
    tags: Annotated[list[Tag], Field(max_length=_MAX_TAGS)] = []
    needs: Annotated[Line, Field(max_length=2000)] | None = None
    preferences: Preferences = Preferences()

    @model_validator(mode="after")
    def _check_birthday(self) -> Self:
        if self.birthday is not None:
            try:
                parse_birthday(self.birthday, self.birthday_calendar, self.birthday_leap_month)
            except InvalidInput as error:
                raise ValueError(error.detail) from None
        return self

    def values(self) -> dict[str, Any]:
        """Column -> value for the fields that were given; a birthday as it is stored, with its calendar."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        given = {name: value for name, value in given.items() if not name.startswith("birthday")}
        if self.birthday is not None:
            day = parse_birthday(self.birthday, self.birthday_calendar, self.birthday_leap_month)
            given |= {"birthday": day.text, "birthday_calendar": day.calendar, "birthday_leap_month": day.leap_month}
        elif "birthday" in self.model_fields_set:
            given |= {"birthday": None, "birthday_calendar": None, "birthday_leap_month": False}
        if "tags" in given:
            given["tags"] = list(dict.fromkeys(given["tags"]))
        return given

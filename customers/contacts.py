"""Phone numbers and e-mail addresses as people and spreadsheets write them. Pure."""

import re
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from core.errors import InvalidInput

#: Country -> calling code and the digit that is dialled before a number within the country.
_COUNTRIES = {
    "CN": ("86", "0"), "HK": ("852", ""), "MO": ("853", ""), "TW": ("886", "0"), "SG": ("65", ""), "MY": ("60", "0"),
    "JP": ("81", "0"), "KR": ("82", "0"), "TH": ("66", "0"), "VN": ("84", "0"), "ID": ("62", "0"), "PH": ("63", "0"),
    "IN": ("91", "0"), "AE": ("971", "0"), "AU": ("61", "0"), "NZ": ("64", "0"), "US": ("1", "1"), "CA": ("1", "1"),
    "GB": ("44", "0"), "IE": ("353", "0"), "DE": ("49", "0"), "FR": ("33", "0"), "ES": ("34", ""), "IT": ("39", ""),
    "NL": ("31", "0"), "CH": ("41", "0"), "AT": ("43", "0"), "SE": ("46", "0"), "BR": ("55", "0"), "MX": ("52", ""),
}  # fmt: skip
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_DECORATION = re.compile(r"[\s\-\u2010-\u2015./()·]|^(?:tel|phone|电话|手机)[:：]?", re.IGNORECASE)
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s,;<>()\"'|]+@[^@\s,;<>()\"'|]+\.[^@\s,;<>()\"'|.]{2,}")


class ContactInvalid(InvalidInput):
    """Nobody can be reached there."""

    code = "contact_invalid"


def parse_phone(text: str, country: str = "CN") -> str:
    """`138 0013 8000`, `13800138000.0`, `0086-138...` -> `+8613800138000`. `country`: where numbers without + are from.

    A number that a spreadsheet showed as 1.38E+10 is taken only if no digit was lost.

    Raises:
        ContactInvalid
    """
    bare = _DECORATION.sub("", _unspread(normalize("NFKC", text).strip()))
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    found = bare if bare.startswith("+") else _with_country(bare, country)
    if not _INTERNATIONAL.fullmatch(found):
        raise ContactInvalid(f"{text!r} is not a phone number; write it like 13800138000 or +44 20 7946 0000")
    return found


def _unspread(text: str) -> str:
    """Undoes what a spreadsheet does to a number: a trailing .0, an exponent, an apostrophe."""
    text = text.lstrip("'’`").removesuffix(".0")
    if not _SCIENTIFIC.fullmatch(text):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    mantissa, _, exponent = text.upper().partition("E")
    if len(mantissa.replace(".", "")) <= int(exponent):
        raise ContactInvalid(
            f"{text!r} has lost digits in a spreadsheet: format that column as text and fill it in again"
        )
    return str(int(number))


def _with_country(digits: str, country: str) -> str:
    code, trunk = _COUNTRIES.get(country, ("", ""))
    if country == "CN" and digits.startswith("86") and _CHINESE_MOBILE.fullmatch(digits[2:]):
        return f"+{digits}"
    if country == "CN" and digits.startswith("1") and not _CHINESE_MOBILE.fullmatch(digits):
        return ""
    return f"+{code}{digits.removeprefix(trunk) if (trunk and code != '86') or digits.startswith('0') else digits}"


def parse_email(text: str) -> str:
    """In lower case, as everybody's mail server reads it. Raises ContactInvalid."""
    found = normalize("NFKC", text).strip().removeprefix("mailto:").strip("<>").lower()
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        raise ContactInvalid(f"{text!r} is not an e-mail address")
    return found

"""Phone numbers and addresses are mended where nothing was lost, and refused where it was."""

import pytest

from customers.contacts import ContactInvalid, parse_email, parse_phone


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("13800138000", "CN", "+8613800138000"),
        ("138 0013-8000", "CN", "+8613800138000"),
        ("+86 138 0013 8000", "CN", "+8613800138000"),
        ("0086-13800138000", "CN", "+8613800138000"),
        ("8613800138000", "CN", "+8613800138000"),
        # full-width digits from a Chinese keyboard
        ("１３８００１３８０００", "CN", "+8613800138000"),
        # what a spreadsheet makes of a number, when no digit is lost
        ("13800138000.0", "CN", "+8613800138000"),
        ("1.3812345678E+10", "CN", "+8613812345678"),
        ("'13800138000", "CN", "+8613800138000"),
        # a fixed line in Hangzhou
        ("0571-8888 8888", "CN", "+8657188888888"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("(604) 555-0199", "CA", "+16045550199"),
        ("+44 20 7946 0000", "CN", "+442079460000"),
    ],
)
def test_a_phone_number_is_read(text: str, country: str, expected: str) -> None:
    assert parse_phone(text, country) == expected


@pytest.mark.parametrize(
    "text", ["1.38E+10", "1.38001E+10", "123", "1234567890", "none", "", "+", "1e99", "+12345678901234567"]
)
def test_a_number_that_lost_digits_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(ContactInvalid):
        parse_phone(text)


def test_an_address_is_read_in_small_letters() -> None:
    assert parse_email(" Wang@Example.COM ") == "wang@example.com"


@pytest.mark.parametrize(
    "text", ["wang", "wang@", "@example.com", "a@b", "a b@example.com", "a@example.com, b@example.com"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ContactInvalid):
        parse_email(text)

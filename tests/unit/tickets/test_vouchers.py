"""A voucher's code is read by its owner alone: stored text holds a placeholder, and nobody can make one."""

import re

import pytest

from core.secretbox import SecretBox
from tickets.vouchers import VoucherCodes, hide_codes

CODES = VoucherCodes(SecretBox("a secret for tests, of forty characters."))
OTHERS = VoucherCodes(SecretBox("another secret, of forty-two characters..."))


@pytest.mark.parametrize("grant_id", [1, 31, 32, 4_711, 2**31, 2**45 - 1])
def test_the_owner_reads_the_code_and_everybody_else_its_last_four(grant_id: int) -> None:
    kept = f"您的代金券：\n{CODES.placeholder(grant_id)}\n12月31日前有效"
    code = CODES.code(grant_id)
    assert code not in kept
    assert CODES.reveal(kept) == f"您的代金券：\n{code}\n12月31日前有效"
    assert hide_codes(kept) == f"您的代金券：\n****{code[-4:]}\n12月31日前有效"


def test_formatting_around_it_stays_in_place() -> None:
    held, code = CODES.placeholder(17), CODES.code(17)
    assert len(held.encode("utf-16-le")) == len(code.encode("utf-16-le"))
    assert re.fullmatch(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", code)


def test_what_only_looks_like_a_placeholder_shows_nothing() -> None:
    """A customer's own words come back to them in read-backs: no voucher of somebody else's may appear there."""
    forged = CODES.placeholder(17)[:10] + "0" * 9 + CODES.placeholder(17)[19:]
    for text in (forged, OTHERS.placeholder(17), "⟦17⟧", CODES.placeholder(17)[:-1]):
        assert CODES.reveal(text) == text


def test_several_codes_in_one_text() -> None:
    text = f"{CODES.placeholder(1)} {CODES.placeholder(2)}"
    assert CODES.reveal(text) == f"{CODES.code(1)} {CODES.code(2)}"

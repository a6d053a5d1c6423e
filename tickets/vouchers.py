"""Codes of vouchers: derived from the installation's secret and the grant's id, so that no code is stored. Pure.

100 bits in Crockford's base32, which has no letters to mistake; 80 of them stay unknown when the last four characters
are shown.
"""

from dataclasses import dataclass

from core.secretbox import SecretBox

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS, _LENGTH, _GROUP = 5, 20, 4
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_CODE, _DIGEST = "voucher", "voucher-digest"


@dataclass(frozen=True, slots=True)
class VoucherCodes:
    """Makes and recognises the codes of one installation."""

    box: SecretBox

    def code(self, grant_id: int) -> str:
        """`7K3M-...`, in groups of four."""
        number = int(self.box.sign(_CODE, str(grant_id)), 16)
        digits = [_ALPHABET[(number >> (_BITS * place)) % len(_ALPHABET)] for place in range(_LENGTH)]
        return "-".join("".join(digits[start : start + _GROUP]) for start in range(0, _LENGTH, _GROUP))

    def digest(self, code: str) -> str:
        """What a voucher is found by; tells nothing of the code without the secret."""
        return self.box.sign(_DIGEST, normalise(code))


def normalise(code: str) -> str:
    """As it was meant: without spaces and dashes, in capitals, letters that look like digits as digits."""
    bare = "".join(char for char in code.upper() if char.isascii() and char.isalnum())
    return bare.translate(_LOOK_ALIKES)

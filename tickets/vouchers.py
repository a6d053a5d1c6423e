"""Codes of vouchers: derived from the installation's secret and the grant's id, so that no code is stored. Pure.

100 bits in Crockford's base32, which has no letters to mistake; 80 of them stay unknown when the last four characters
are shown. Stored text holds a placeholder, as long as the code itself, so that formatting around it stays in place;
whoever shows the text to the voucher's owner puts the code there, everybody else reads the last four characters.
"""

import re
from dataclasses import dataclass

from core.secretbox import SecretBox

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS, _LENGTH, _GROUP = 5, 20, 4
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_CODE, _DIGEST, _PLACEHOLDER = "voucher", "voucher-digest", "voucher-placeholder"
#: A placeholder: the grant's id, what proves that it is ours, and the code's last four characters.
_HELD = re.compile(rf"⟦([{_ALPHABET}]{{9}})[{_ALPHABET}]{{9}}([{_ALPHABET}]{{4}})⟧")
_ID_LENGTH = _PROOF_LENGTH = 9


@dataclass(frozen=True, slots=True)
class VoucherCodes:
    """Makes and recognises the codes of one installation."""

    box: SecretBox

    def code(self, grant_id: int) -> str:
        """`7K3M-...`, in groups of four."""
        digits = _digits(int(self.box.sign(_CODE, str(grant_id)), 16), _LENGTH)
        return "-".join(digits[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))

    def digest(self, code: str) -> str:
        """What a voucher is found by; tells nothing of the code without the secret."""
        return self.box.sign(_DIGEST, normalise(code))

    def placeholder(self, grant_id: int) -> str:
        """What stands for the code in stored text."""
        proof = _digits(int(self.box.sign(_PLACEHOLDER, str(grant_id)), 16), _PROOF_LENGTH)
        return f"⟦{_digits(grant_id, _ID_LENGTH)}{proof}{self.code(grant_id)[-_GROUP:]}⟧"

    def reveal(self, text: str) -> str:
        """The text as the voucher's owner reads it. What somebody only made look like a placeholder stays as it is."""
        return _HELD.sub(self._code_for, text)

    def _code_for(self, held: re.Match[str]) -> str:
        grant_id = sum(_ALPHABET.index(digit) << (_BITS * place) for place, digit in enumerate(held[1]))
        return self.code(grant_id) if held[0] == self.placeholder(grant_id) else held[0]


def hide_codes(text: str) -> str:
    """The text as everybody else reads it: the last four characters of each code."""
    return _HELD.sub(r"****\2", text)


def _digits(number: int, length: int) -> str:
    """The lowest digits in base 32, the lowest first."""
    return "".join(_ALPHABET[(number >> (_BITS * place)) % len(_ALPHABET)] for place in range(length))


def normalise(code: str) -> str:
    """As it was meant: without spaces and dashes, in capitals, letters that look like digits as digits."""
    bare = "".join(char for char in code.upper() if char.isascii() and char.isalnum())
    return bare.translate(_LOOK_ALIKES)

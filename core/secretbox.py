"""One installation's secret: encrypts what is kept in the database, and signs what goes out and comes back."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.errors import InvalidInput

KEY_FILE = "secret.key"
#: Of a secret, in characters; a file with less was cut short.
_SHORTEST = 32


class SecretBox:
    """Keys for each purpose are derived from one secret, so that a signature for one thing opens no other."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __repr__(self) -> str:
        return "SecretBox(...)"

    def _key(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, f"kefu/{purpose}".encode(), "sha256")

    def encrypt(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """The text that was encrypted.

        Raises:
            InvalidInput: made with another secret.
        """
        try:
            return self._fernet().decrypt(stored.encode()).decode()
        except InvalidToken:
            raise InvalidInput("a stored secret was made with another KEFU_SECRET; set that one again") from None

    def sign(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 in hex, under a key for `purpose` alone."""
        return hmac.new(self._key(purpose), text.encode(), hashlib.sha256).hexdigest()

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())

    def _fernet(self) -> Fernet:
        return Fernet(urlsafe_b64encode(self._key("encryption")))


def read_or_make_key(folder: Path) -> str:
    """The secret in `folder`'s key file, made at the first call, readable by its owner alone.

    Raises:
        InvalidInput: the file holds no secret.
    """
    path = folder / KEY_FILE
    if not path.exists():
        _make_key(path)
    secret = path.read_text().strip()
    if len(secret) < _SHORTEST:
        raise InvalidInput(f"{path} holds no secret: put your copy of it back; only without one delete the file")
    return secret


def _make_key(path: Path) -> None:
    """Whole or not at all; of two who start at once, both have the same one."""
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(handle)
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        os.unlink(unfinished)

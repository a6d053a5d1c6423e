"""One installation's secret: encrypts what is kept in the database, and signs what goes out and comes back."""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from core.errors import InvalidInput

KEY_FILE = "secret.key"


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
    """The secret in `folder`'s key file, made at the first call, readable by its owner alone."""
    path = folder / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(handle, "w") as file:
        file.write(secret)
    return secret

"""Identifiers and secrets that cannot be guessed."""

import hashlib
import secrets

#: The largest value of a BIGINT column; a larger id in a request names nothing that exists.
MAX_ID = 2**63 - 1


def new_token(prefix: str = "") -> str:
    """A URL-safe secret of 192 random bits; `prefix` tells people (and the log redactor) what it opens."""
    return prefix + secrets.token_urlsafe(24)


def hash_token(token: str) -> str:
    """What is stored in place of a random token: SHA-256 in hex. Only for secrets of 128 random bits or more."""
    return hashlib.sha256(token.encode()).hexdigest()

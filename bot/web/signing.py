"""Whom the shop's own site vouches for: an HMAC over the user's id and an instant. Pure."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: A signature may be good for so long, and the site's clock may be off by so much.
LONGEST = timedelta(hours=24)
_SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Signed:
    """What `Kefu.identify` sends. `expires`: Unix seconds. Only `id` is proven; the rest is what the site says."""

    id: str
    expires: int
    signature: str
    name: str | None = None
    email: str | None = None

    @property
    def hash(self) -> str:
        """Names this signature for ever, without saying what it was."""
        return hashlib.sha256(f"{self.id}.{self.expires}.{self.signature}".encode()).hexdigest()


def sign(secret: str, user_id: str, expires: int) -> str:
    """Hex HMAC-SHA256 over `id.expires`, as the shop's server makes it."""
    return hmac.new(secret.encode(), f"{user_id}.{expires}".encode(), hashlib.sha256).hexdigest()


def fault_of(secret: str, signed: Signed, now: datetime) -> str | None:
    """Why the signature does not hold; None: it does."""
    if not hmac.compare_digest(sign(secret, signed.id, signed.expires).encode(), signed.signature.encode()):
        return "the signature does not fit this id and expires"
    until = datetime.fromtimestamp(signed.expires, UTC)
    if until <= now:
        return "the signature has expired; sign again"
    if until > now + LONGEST + _SLACK:
        return "expires lies more than 24 hours ahead"
    return None

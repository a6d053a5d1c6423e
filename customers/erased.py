"""Who was erased, known by salted hashes alone, so that no import brings them back.

A key is what a file was known by: `external_id:C-17`, `phone:+86...`, `email:...`, or `ACCOUNT:ADDRESS` of a channel.
"""

import hmac
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from core.database import ReadSession
from core.errors import Conflict
from customers.privacy_models import ErasedKey, Erasure

_AT_ONCE = 500


class WasErased(Conflict):
    """That person asked to be forgotten, and stays so. They come back by writing themselves."""

    code = "was_erased"


def keys_of(values: Mapping[str, Any]) -> list[str]:
    """The keys in a file's fields (`external_id`, `phone`, `email`)."""
    return [f"{name}:{values[name]}" for name in ("external_id", "phone", "email") if values.get(name)]


def digest(salt: str, key: str) -> str:
    return hmac.digest(salt.encode(), key.encode(), "sha256").hex()


async def list_salts(session: ReadSession) -> list[str]:
    """The salts in use: usually one an installation."""
    return list(await session.scalars(select(Erasure.salt).distinct().order_by(Erasure.salt)))


async def find_erased(session: ReadSession, keys: Collection[str]) -> set[str]:
    """Those of `keys` that belong to erased people."""
    salts = await list_salts(session)
    by_digest = {digest(salt, key): key for salt in salts for key in keys}
    found: set[str] = set()
    for batch in _batches(list(by_digest)):
        rows = await session.scalars(select(ErasedKey.digest).where(ErasedKey.digest.in_(batch)))
        found.update(by_digest[row] for row in rows)
    return found


async def refuse_erased(session: ReadSession, keys: Collection[str]) -> None:
    """Raises WasErased."""
    if keys and await find_erased(session, keys):
        raise WasErased("this person asked to be forgotten; they come back only by writing themselves")


def _batches(items: list[str]) -> Iterable[list[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))

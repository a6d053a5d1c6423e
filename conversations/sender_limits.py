"""How much one sender may send in a minute, for all processes of an installation together.

Counted in the transaction that stores what was sent, last of all: the rows are held only until it commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256

from sqlalchemy import Integer, String, TextualSelect, bindparam, text

from conversations.pace import MINUTE
from core.columns import UtcDateTime
from core.database import WriteSession
from core.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Share:
    """`sender` may send `most` of `what` in the minute that begins with the first of them."""

    sender: str
    most: int
    what: str

    @property
    def key(self) -> str:
        """Names the sender without telling who it is."""
        return sha256(self.sender.encode()).hexdigest()


async def spend(session: WriteSession, shares: Sequence[Share], now: datetime) -> None:
    """Counts one for each share.

    Raises:
        LimitExceeded: one of them is used up. What was stored must be rolled back, and this count with it.
    """
    ordered = sorted(shares, key=lambda share: share.key)  # in which every transaction locks them
    values: dict[str, object] = {f"key{i}": share.key for i, share in enumerate(ordered)}
    rows = await session.execute(_statement(len(ordered)), values | {"now": now, "ago": now - MINUTE})
    counted = {row.key: row for row in rows}
    for share in shares:
        row = counted[share.key]
        if row.sent > share.most:
            seconds = int((row.since + MINUTE - now).total_seconds()) + 1
            raise LimitExceeded(f"too many {share.what}: {share.most} a minute; try again in {seconds} s", seconds)


@cache
def _statement(senders: int) -> TextualSelect:
    rows = ", ".join(f"(:key{i}, :now, 1)" for i in range(senders))
    statement = text(
        f"INSERT INTO sender_minute (key, since, count) VALUES {rows} ON CONFLICT (key) DO UPDATE SET"
        " since = CASE WHEN sender_minute.since <= :ago THEN excluded.since ELSE sender_minute.since END,"
        " count = CASE WHEN sender_minute.since <= :ago THEN 1 ELSE sender_minute.count + 1 END"
        " RETURNING key, since, count AS sent"
    )
    instants = (bindparam("now", type_=UtcDateTime()), bindparam("ago", type_=UtcDateTime()))
    return statement.bindparams(*instants).columns(key=String(), since=UtcDateTime(), sent=Integer())

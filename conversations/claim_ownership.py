"""Who has the conversations of claimed deliveries, asked once more under a lock that whoever takes over waits for.

A claim on PostgreSQL sees what was committed when it began: a take-over that commits meanwhile would come before the
claim's end and be missed. A locked row is read as it is now, and stays so until the claim is committed. Whoever holds a
conversation at this moment is not waited for: what goes out there has its turn in the next round.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, text

from conversations.values import DeliveryKind, DeliveryState
from core.database import WriteSession

#: What the bot says; what people at the desk say goes out whoever has the conversation.
_BOTS = (DeliveryKind.REPLY, DeliveryKind.SERVICE)

_LOOK = text(
    "SELECT delivery.id, conversation.owner = 'taken'"
    " AND conversation.owner_epoch <> coalesce(delivery.owner_epoch, -1) AS overtaken"
    " FROM delivery JOIN conversation ON conversation.id = delivery.conversation_id"
    " WHERE delivery.id IN :ids FOR SHARE OF conversation SKIP LOCKED"
).bindparams(bindparam("ids", expanding=True))

_SKIP = text(
    f"UPDATE delivery SET state = '{DeliveryState.SKIPPED}', because = 'with_person' WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))

_PUT_BACK = text(
    f"UPDATE delivery SET state = '{DeliveryState.PENDING}', attempt = attempt - 1, lease_until = NULL, claim = NULL"
    " WHERE id IN :ids"
).bindparams(bindparam("ids", expanding=True))


async def keep_owned(session: WriteSession, rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Those of the claimed `rows` that go on; the bot's words after a take-over are skipped, others put back."""
    asked = {row.id for row in rows if _is_bots(row)}
    if not asked or session.get_bind().dialect.name == "sqlite":  # one writer at a time: nobody gets in between
        return rows
    seen = {row.id: row.overtaken for row in await session.execute(_LOOK, {"ids": sorted(asked)})}
    overtaken = sorted(delivery_id for delivery_id, is_overtaken in seen.items() if is_overtaken)
    held = sorted(asked - seen.keys())
    for statement, ids in ((_SKIP, overtaken), (_PUT_BACK, held)):
        if ids:
            await session.execute(statement, {"ids": ids})
    return [row for row in rows if row.id not in (*overtaken, *held)]


def _is_bots(row: Row[Any]) -> bool:
    return row.kind in _BOTS and row.state is DeliveryState.SENDING and row.conversation_id is not None

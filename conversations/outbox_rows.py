"""The statements that move deliveries from state to state.

Claiming is one statement that takes only the heads of lanes: nothing is taken twice and every lane keeps its order. It
asks again what may have changed since the delivery was written: hold, pause, expiry, a person who took over.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, Row, String, TextualSelect, bindparam, text

from conversations.deliveries import ONCE_MORE
from conversations.inbox_rows import count_rows
from conversations.settlement import Settlement
from conversations.values import DeliveryKind, DeliveryState
from core.columns import JsonColumn, UtcDateTime, enum_column
from core.database import WriteSession

_NOW = bindparam("now", type_=UtcDateTime())
_UNTIL = bindparam("until", type_=UtcDateTime())
_CLAIM = bindparam("claim", type_=String())
_ACCOUNT = bindparam("account", type_=String())

#: A delivery waits while an earlier one of its lane is due, or while one of the lane is being sent.
LANE_HEADS = """
    AND NOT EXISTS (
      SELECT 1 FROM delivery AS other
      WHERE other.account = delivery.account AND other.lane = delivery.lane AND other.state IN ('pending', 'sending')
        AND (other.state = 'sending' OR (other.id < delivery.id AND other.due_at <= :now))
    )"""
#: One process sends for an account.
OWN_LEASE = """
    AND EXISTS (
      SELECT 1 FROM lease
      WHERE lease.name = 'sender:' || delivery.account AND lease.holder = :holder AND lease.until > :now
    )"""
#: Channels that are read from a cursor: no call is made, and no lease needed.
_PULLED = """
    AND delivery.kind = 'follow_up' AND EXISTS (
      SELECT 1 FROM account WHERE account.name = delivery.account AND account.channel IN ('web', 'http', 'terminal')
    )"""
_MAY_SEND = """
    AND NOT EXISTS (SELECT 1 FROM outbox_hold)
    AND NOT EXISTS (SELECT 1 FROM account WHERE account.name = delivery.account AND account.paused_until > :now)"""

#: Why a delivery must not go out any more; the bot's words do not after a person has taken over.
BECAUSE = """CASE
    WHEN expires_at <= :now THEN 'expired'
    WHEN kind IN ('reply', 'service') AND EXISTS (
      SELECT 1 FROM conversation
      WHERE conversation.id = delivery.conversation_id AND conversation.owner = 'taken'
        AND conversation.owner_epoch <> coalesce(delivery.owner_epoch, -1)
    ) THEN 'with_person'
  END"""

#: PostgreSQL sees what was committed when the statement began: a take-over that commits meanwhile would be missed. A
#: row that is locked is read as it is now, and stays so until the claim is committed. Whoever holds the conversation
#: at this moment is not waited for: the bot's words there have their turn in the next round.
_UNDER_LOCK = """, talk AS (
  SELECT conversation.id, owner, owner_epoch FROM conversation
  WHERE conversation.id IN (SELECT place FROM head WHERE what IN ('reply', 'service'))
  FOR SHARE OF conversation SKIP LOCKED
), ready AS (
  SELECT head.id, CASE
      WHEN skipped IS NOT NULL THEN skipped
      WHEN talk.owner = 'taken' AND talk.owner_epoch <> coalesce(epoch, -1) THEN 'with_person'
    END AS skipped
  FROM head LEFT JOIN talk ON talk.id = place
  WHERE what NOT IN ('reply', 'service') OR place IS NULL OR talk.id IS NOT NULL
)"""

_CLAIM_SQL = """
WITH head AS (
  SELECT delivery.id, kind AS what, conversation_id AS place, delivery.owner_epoch AS epoch, {because} AS skipped
  FROM delivery
  WHERE delivery.state = 'pending' AND delivery.due_at <= :now
    AND (delivery.retry_at IS NULL OR delivery.retry_at <= :now) {conditions}
  ORDER BY delivery.priority, delivery.id LIMIT :most {lock}
){ready}
UPDATE delivery SET
  state = CASE WHEN taken.skipped IS NULL THEN 'sending' ELSE 'skipped' END,
  because = taken.skipped, attempt = attempt + 1, lease_until = :until, claim = :claim
FROM {source} AS taken WHERE delivery.id = taken.id AND delivery.state = 'pending'
RETURNING delivery.id, account, lane, kind, payload, part, parts, attempt, resent, due_at, message_id, conversation_id,
  customer_id, claim, state, priority"""


def claim_statement(
    lock: str, conditions: str = LANE_HEADS + _MAY_SEND + OWN_LEASE, because: str = BECAUSE, ready: str = ""
) -> TextualSelect:
    """`ready`: what is asked of the heads once they are locked; it ends in a table of that name."""
    holder = [bindparam("holder", type_=String())] if ":holder" in conditions else []
    source = "ready" if ready else "head"
    return (
        text(_CLAIM_SQL.format(lock=lock, conditions=conditions, because=because, ready=ready, source=source))
        .bindparams(_NOW, _UNTIL, _CLAIM, bindparam("most", type_=Integer()), *holder)
        .columns(
            payload=JsonColumn,
            kind=enum_column(DeliveryKind),
            state=enum_column(DeliveryState),
            resent=Boolean(),
            due_at=UtcDateTime(),
        )
    )


LOCKS = {"sqlite": "", "postgresql": "FOR UPDATE OF delivery SKIP LOCKED"}
_READY = {"sqlite": "", "postgresql": _UNDER_LOCK}
_CLAIM_BY_DIALECT = {dialect: claim_statement(lock, ready=_READY[dialect]) for dialect, lock in LOCKS.items()}
_CLAIM_PULLED = {dialect: claim_statement(lock, LANE_HEADS + _MAY_SEND + _PULLED) for dialect, lock in LOCKS.items()}

#: A late word also settles what was given up as unknown meanwhile: the claim is still there. That it was not written
#: comes too late for words of a talk when others of their lane have gone out: they would be read in the wrong order.
_OVERTAKEN = """(
    :state = 'pending' AND delivery.state = 'unknown' AND kind IN ('reply', 'agent_reply', 'service') AND EXISTS (
      SELECT 1 FROM delivery AS later
      WHERE later.account = delivery.account AND later.lane = delivery.lane AND later.id > delivery.id
        AND later.state IN ('sending', 'sent', 'unknown')
    )
  )"""
_SETTLE = text(
    f"UPDATE delivery SET state = CASE WHEN {_OVERTAKEN} THEN 'failed' ELSE :state END,"
    f" because = CASE WHEN {_OVERTAKEN} THEN 'overtaken' ELSE :because END,"
    " retry_at = :retry_at, resent = :resent,"
    " sent_at = :sent_at, external_id = coalesce(:external_id, external_id),"
    " attempt = attempt - 1 + :tried, lease_until = NULL"
    " WHERE id = :id AND claim = :claim AND state IN ('sending', 'unknown')"
).bindparams(
    _CLAIM,
    bindparam("id", type_=BigInteger()),
    bindparam("state", type_=String()),
    bindparam("because", type_=String()),
    bindparam("retry_at", type_=UtcDateTime()),
    bindparam("sent_at", type_=UtcDateTime()),
    bindparam("resent", type_=Boolean()),
    bindparam("external_id", type_=String()),
    bindparam("tried", type_=Integer()),
)

_ONCE_MORE = f"kind IN ({', '.join(repr(kind.value) for kind in ONCE_MORE)})"
_FREE = text(
    f"UPDATE delivery SET state = CASE WHEN {_ONCE_MORE} AND NOT resent THEN 'pending' ELSE 'unknown' END,"
    f" resent = resent OR {_ONCE_MORE}, because = 'sender_stopped', lease_until = NULL,"
    f" claim = CASE WHEN {_ONCE_MORE} AND NOT resent THEN NULL ELSE claim END"
    " WHERE state IN ('pending', 'sending') AND state = 'sending' AND lease_until < :now AND id NOT IN :in_hand"
).bindparams(_NOW, bindparam("in_hand", type_=BigInteger(), expanding=True))

_PAUSE = text(
    "UPDATE account SET paused_until = :until WHERE name = :account AND (paused_until IS NULL OR paused_until < :until)"
).bindparams(_ACCOUNT, _UNTIL)

_UNREACHABLE = text(
    "UPDATE channel_identity SET reachable = :no, unreachable_because = :because"
    " WHERE id = (SELECT identity_id FROM conversation WHERE id = :conversation)"
).bindparams(
    bindparam("no", value=False, type_=Boolean()),
    bindparam("because", type_=String()),
    bindparam("conversation", type_=BigInteger()),
)


async def claim_heads(
    session: WriteSession, claim: str, holder: str, most: int, now: datetime, until: datetime
) -> Sequence[Row[Any]]:
    """Takes at most `most` deliveries until `until`, the urgent first. What must not go out any more is skipped."""
    values = {"claim": claim, "holder": holder, "most": most, "now": now, "until": until}
    statement = _CLAIM_BY_DIALECT[session.get_bind().dialect.name]
    return sorted((await session.execute(statement, values)).all(), key=lambda row: (row.priority, row.id))


async def claim_pulled(session: WriteSession, claim: str, most: int, now: datetime) -> Sequence[Row[Any]]:
    """Takes at most `most` deliveries of pull channels; whoever takes them says them in the same transaction."""
    values = {"claim": claim, "most": most, "now": now, "until": now}
    statement = _CLAIM_PULLED[session.get_bind().dialect.name]
    return sorted((await session.execute(statement, values)).all(), key=lambda row: (row.priority, row.id))


async def settle_all(session: WriteSession, settled: Sequence[tuple[int, str, Settlement]]) -> None:
    """Writes what became of (id, claim)s. What somebody else has claimed since is left alone."""
    values = [
        {
            "id": delivery_id,
            "claim": claim,
            "state": to.state.value,
            "because": to.because,
            "retry_at": to.retry_at,
            "sent_at": to.sent_at,
            "resent": to.resent,
            "external_id": to.external_id,
            "tried": to.tried,
        }
        for delivery_id, claim, to in settled
    ]
    if values:
        await session.execute(_SETTLE, values)


async def free_abandoned(session: WriteSession, now: datetime, in_hand: Collection[int] = ()) -> int:
    """Deals with what dead senders left: replies and desk posts go once more, the rest is unknown. How many.

    `in_hand`: ids of deliveries whose sender is alive.
    """
    return count_rows(await session.execute(_FREE, {"now": now, "in_hand": list(in_hand)}))


async def pause(session: WriteSession, account: str, until: datetime) -> None:
    """Nothing is sent for `account` before `until`."""
    await session.execute(_PAUSE, {"account": account, "until": until})


async def mark_unreachable(session: WriteSession, conversation_id: int, because: str) -> None:
    """Nothing that is sent on the conversation's account reaches the customer any more."""
    await session.execute(_UNREACHABLE, {"conversation": conversation_id, "because": because})

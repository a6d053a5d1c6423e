"""The statements that move inbox events from state to state.

Claiming is one statement, so that no event is taken twice, and takes only the heads of lanes (with what waits behind
them), so that a lane keeps its order whoever works on it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Row, String, Text, TextualSelect, bindparam, text

from core.columns import JsonColumn, UtcDateTime
from core.database import WriteSession

#: How many waiting events of a lane are read together.
BATCH_SIZE = 20
#: An event whose worker died this often is parked: it may be what kills it.
MAX_ABANDONED = 20

_NOW = bindparam("now", type_=UtcDateTime())
_UNTIL = bindparam("until", type_=UtcDateTime())
_CLAIM = bindparam("claim", type_=String())
_IDS = bindparam("ids", expanding=True, type_=BigInteger())

#: An event waits while an earlier one of its lane does, or while a worker is busy with the lane.
LANE_HEADS = """
    AND NOT EXISTS (
      SELECT 1 FROM inbox_event AS other
      WHERE other.account = event.account AND other.lane = event.lane AND other.state IN ('pending', 'working')
        AND (other.id < event.id OR other.state = 'working')
    )"""

_CLAIM_SQL = """
WITH head AS (
  SELECT event.id, event.account, event.lane FROM inbox_event AS event
  WHERE event.state = 'pending' AND event.due_at <= :now {lane_heads}
  ORDER BY event.id LIMIT :lanes {lock}
), waiting AS (
  SELECT event.id, row_number() OVER in_lane AS place, sum(event.attempt) OVER in_lane AS tries
  FROM head JOIN inbox_event AS event ON event.account = head.account AND event.lane = head.lane
    AND event.state IN ('pending', 'working') AND event.state = 'pending' AND event.id >= head.id
  WINDOW in_lane AS (PARTITION BY event.account, event.lane ORDER BY event.id)
)
UPDATE inbox_event SET state = 'working', attempt = attempt + 1, lease_until = :until, claim = :claim
WHERE state = 'pending' AND id IN (
  SELECT id FROM waiting WHERE place = 1 OR (place <= :most AND tries = 0)
)
RETURNING id, account, external_id, lane, raw, received_at, attempt"""


def claim_statement(lock: str, lane_heads: str = LANE_HEADS) -> TextualSelect:
    """An event that was tried before is claimed alone, so that it cannot take its neighbours down again."""
    return (
        text(_CLAIM_SQL.format(lock=lock, lane_heads=lane_heads))
        .bindparams(_NOW, _UNTIL, _CLAIM, bindparam("lanes", type_=Integer()), bindparam("most", type_=Integer()))
        .columns(raw=JsonColumn, received_at=UtcDateTime())
    )


_CLAIM_BY_DIALECT = {
    "sqlite": claim_statement(lock=""),
    "postgresql": claim_statement(lock="FOR UPDATE OF event SKIP LOCKED"),
}

_DONE = text(
    "UPDATE inbox_event SET state = 'done', batch_id = :first, done_at = :now, lease_until = NULL, claim = NULL,"
    " error = NULL WHERE id IN :ids AND claim = :claim AND state = 'working'"
).bindparams(_NOW, _CLAIM, _IDS, bindparam("first", type_=BigInteger()))

_FAILED = text(
    "UPDATE inbox_event SET state = CASE WHEN attempt >= :tries THEN 'parked' ELSE 'pending' END,"
    " due_at = :retry_at, error = :error, lease_until = NULL, claim = NULL"
    " WHERE id IN :ids AND claim = :claim AND state = 'working'"
).bindparams(
    _CLAIM,
    _IDS,
    bindparam("tries", type_=Integer()),
    bindparam("retry_at", type_=UtcDateTime()),
    bindparam("error", type_=Text()),
)

_RENEW = text(
    "UPDATE inbox_event SET lease_until = :until WHERE id IN :ids AND state = 'working' AND claim IN :claims"
).bindparams(_UNTIL, _IDS, bindparam("claims", expanding=True, type_=String()))

_FREE = text(
    "UPDATE inbox_event SET state = CASE WHEN attempt >= :most THEN 'parked' ELSE 'pending' END,"
    " error = CASE WHEN attempt >= :most THEN 'its worker stopped each time' ELSE error END,"
    " lease_until = NULL, claim = NULL"
    " WHERE state IN ('pending', 'working') AND state = 'working' AND lease_until < :now"
).bindparams(_NOW, bindparam("most", type_=Integer()))


async def claim_lanes(
    session: WriteSession, claim: str, lanes: int, now: datetime, until: datetime
) -> Sequence[Row[Any]]:
    """Takes the waiting events of at most `lanes` lanes until `until`, oldest first."""
    statement = _CLAIM_BY_DIALECT[session.get_bind().dialect.name]
    values = {"now": now, "until": until, "claim": claim, "lanes": lanes, "most": BATCH_SIZE}
    return sorted((await session.execute(statement, values)).all(), key=lambda row: row.id)


async def mark_done(session: WriteSession, claim: str, ids: Sequence[int], now: datetime) -> int:
    """How many of `ids` were still held under `claim`; those are done now."""
    values = {"first": ids[0], "now": now, "claim": claim, "ids": ids}
    return count_rows(await session.execute(_DONE, values))


async def mark_failed(
    session: WriteSession, claim: str, ids: Sequence[int], error: str, retry_at: datetime, tries: int
) -> None:
    """Puts the events back until `retry_at`; parks those that were tried `tries` times."""
    values = {"claim": claim, "ids": ids, "error": error, "retry_at": retry_at, "tries": tries}
    await session.execute(_FAILED, values)


async def renew(session: WriteSession, claims: Sequence[str], ids: Sequence[int], until: datetime) -> None:
    """Keeps what is still being worked on."""
    await session.execute(_RENEW, {"claims": claims, "ids": ids, "until": until})


async def free_abandoned(session: WriteSession, now: datetime) -> int:
    """Gives back the events whose worker let the lease run out; how many."""
    return count_rows(await session.execute(_FREE, {"now": now, "most": MAX_ABANDONED}))


def count_rows(result: Any) -> int:
    """How many rows a statement changed."""
    return int(result.rowcount)

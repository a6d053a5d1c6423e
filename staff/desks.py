"""Groups of agents on a channel: a one-time code, brought there, claims one. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core import signals
from core.database import ReadSession, WriteSession
from core.errors import NotFound
from core.ids import hash_token, new_token
from staff import audit
from staff.models import Desk

CODE_LASTS = timedelta(hours=1)


class DeskNotFound(NotFound):
    code = "desk_not_found"


class DeskCodeInvalid(NotFound):
    """No such code, or it was used or is too old."""

    code = "desk_code_invalid"


@dataclass(frozen=True, slots=True)
class MadeCode:
    """`code` is shown this once."""

    desk: Desk
    code: str


async def make_code(session: WriteSession, *, by: str, now: datetime) -> MadeCode:
    """A desk to come: whoever brings the code into a group within the hour claims it."""
    code = new_token()
    desk = Desk(code_hash=hash_token(code), created_by=by, created_at=now, expires_at=now + CODE_LASTS)
    session.add(desk)
    await session.flush()
    audit.record(session, actor=by, action="desks.code", object=f"desk:{desk.id}", now=now)
    return MadeCode(desk, code)


async def claim(
    session: WriteSession, code: str, *, account: str, chat: str, title: str | None, by: str, now: datetime
) -> Desk:
    """The group `chat` of `account` is a desk from now on; one that it was before goes on as this one.

    Raises:
        DeskCodeInvalid
    """
    query = select(Desk).where(Desk.code_hash == hash_token(code)).with_for_update()
    desk = await session.scalar(query)
    if desk is None or desk.claimed_at is not None or desk.removed_at is not None or desk.expires_at <= now:
        raise DeskCodeInvalid("this code is not valid any more; ask an admin for a new one")
    before = await find(session, account, chat)
    if before is not None:
        before.removed_at = now
    desk.account, desk.chat, desk.title = account, chat, title
    desk.claimed_by, desk.claimed_at = by, now
    audit.record(session, actor=by, action="desks.claim", object=f"desk:{desk.id}", now=now)
    session.signal(signals.STAFF)
    await session.flush()
    return desk


async def find(session: ReadSession, account: str, chat: str) -> Desk | None:
    """The desk that the group is."""
    query = select(Desk).where(Desk.account == account, Desk.chat == chat, Desk.removed_at.is_(None))
    return await session.scalar(query)


async def list_claimed(session: ReadSession, account: str | None = None) -> list[Desk]:
    """Every desk that is one now; of one account, or of all."""
    query = select(Desk).where(Desk.claimed_at.is_not(None), Desk.removed_at.is_(None)).order_by(Desk.id)
    return list(await session.scalars(query if account is None else query.where(Desk.account == account)))


async def remove(session: WriteSession, desk_id: int, *, by: str, now: datetime) -> Desk:
    """The group is no desk any more, or the code none. Raises DeskNotFound."""
    desk = await session.get(Desk, desk_id, with_for_update=True)
    if desk is None or desk.removed_at is not None:
        raise DeskNotFound(f"there is no desk {desk_id}")
    desk.removed_at = now
    audit.record(session, actor=by, action="desks.remove", object=f"desk:{desk.id}", now=now)
    session.signal(signals.STAFF)
    await session.flush()
    return desk

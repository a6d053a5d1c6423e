"""Reports: what waits, for whom, how long; the week in figures."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from admin.api.context import Context, Reading, allowed
from admin.api.shapes.ticket import TicketShape, ticket_shapes
from admin.api.shapes.week import WeekShape, week_shape
from admin.api.writing import ApiRoute
from admin.follow_ups import office_of
from conversations.models import Conversation, Delivery, InboxEvent
from conversations.values import DeliveryState, InboxState, Owner
from core.database import ReadSession
from scheduler.week import read_week
from scheduler.week_words import week_lines
from staff.permissions import Action
from tickets import queue_report
from tickets.queue_report import Share

router = APIRouter(prefix="/reports", tags=["reports"], route_class=ApiRoute)


class ShareShape(BaseModel):
    """`name` null: nobody's. `late`: a promise is broken. `waiting_since`: the customer who waits longest."""

    name: str | None = Field(examples=["li"])
    open: int
    pending: int
    on_hold: int
    snoozed: int
    late: int
    waiting_since: datetime | None


class TalkShape(BaseModel):
    """Conversations by who answers, and what came in or went out and needs a look."""

    waiting: int
    taken: int
    unanswered: int
    parked: int
    failed: int


class QueueShape(BaseModel):
    """`late`: tickets whose promise is broken or about to be, the worst first, at most twenty."""

    at: datetime
    total: ShareShape
    agents: list[ShareShape]
    teams: list[ShareShape]
    late: list[TicketShape]
    conversations: TalkShape


@router.get("/queue", summary="What waits", dependencies=[allowed(Action.READ_QUEUE)])
async def read_queue(session: Reading, context: Context) -> QueueShape:
    """For whom, and how long."""
    now = context.clock.now()
    found = await queue_report.read(session, now)
    return QueueShape(
        at=now,
        total=_share(found.total),
        agents=[_share(share) for share in found.agents],
        teams=[_share(share) for share in found.teams],
        late=await ticket_shapes(session, [queued.ticket for queued in found.late]),
        conversations=await read_talk(session),
    )


@router.get("/week", summary="The week", dependencies=[allowed(Action.READ_QUEUE)])
async def show_week(
    session: Reading,
    context: Context,
    of: Annotated[date | None, Query(description="Any day of it; none: the last whole week.")] = None,
) -> WeekShape:
    """In figures and in words, and what waits to be done now."""
    office = office_of(context.settings, context.rulebook)
    week = await read_week(session, office, of, context.clock.now())
    return week_shape(week, "\n".join(week_lines(week, office.staff_language, office.zone)))


def _share(share: Share) -> ShareShape:
    return ShareShape(**{name: getattr(share, name) for name in Share.__slots__})


async def read_talk(session: ReadSession) -> TalkShape:
    owners = select(Conversation.owner, func.count()).where(Conversation.owner != Owner.BOT)
    by_owner = {row[0]: row[1] for row in await session.execute(owners.group_by(Conversation.owner))}
    unanswered = select(func.count()).select_from(Conversation).where(Conversation.unanswered_since.is_not(None))
    parked = select(func.count()).select_from(InboxEvent).where(InboxEvent.state == InboxState.PARKED)
    troubled = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    failed = select(func.count()).select_from(Delivery).where(Delivery.state.in_(troubled))
    return TalkShape(
        waiting=by_owner.get(Owner.WAITING, 0),
        taken=by_owner.get(Owner.TAKEN, 0),
        unanswered=await session.scalar(unanswered) or 0,
        parked=await session.scalar(parked) or 0,
        failed=await session.scalar(failed) or 0,
    )

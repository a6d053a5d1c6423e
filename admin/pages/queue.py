"""What waits: mine, nobody's, about to be late, waiting for the customer; search; the next one."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.shapes.ticket import ticket_shapes
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import ReadsTickets, WorksOnTickets
from admin.pages.working import working
from conversations.desk import holding
from core.database import ReadSession
from customers import tasks
from staff.permissions import Action
from tickets import queue, queue_report
from tickets.queue import Queued

router = APIRouter(route_class=PageRoute)


class View(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    DUE = "due"
    WAITING = "waiting"


@router.get("")
async def show_queue(
    request: Request,
    viewer: ReadsTickets,
    session: Reading,
    context: Context,
    view: View = View.UNASSIGNED,
    q: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    now = context.clock.now()
    rows = await queue.find(session, q) if q.strip() else await _listed(session, view, viewer.actor.id, now)
    tickets = await ticket_shapes(session, [row.ticket for row in rows])
    report = await queue_report.read(session, now)
    listed = list(zip(tickets, [row.due_at for row in rows], strict=True))
    return page(
        request, "queue.html", viewer, listed=listed, view=view.value, views=[each.value for each in View], q=q,
        total=report.total, now=now, tasks=await tasks.count_open(session) if viewer.may(Action.HANDLE_TASKS) else 0,
    )  # fmt: skip


async def _listed(session: ReadSession, view: View, agent_id: int, now: datetime) -> Sequence[Queued]:
    match view:
        case View.MINE:
            return await queue.list_mine(session, agent_id, now)
        case View.UNASSIGNED:
            return await queue.list_unassigned(session, now)
        case View.DUE:
            return await queue.list_due(session, now)
        case View.WAITING:
            return await queue.list_waiting(session)


@router.post("/next")
async def take_next(viewer: WorksOnTickets, context: Context) -> Response:
    """The most urgent case that is nobody's is the viewer's from here on."""
    async with working(context, viewer) as work:
        ticket = await queue.lock_next(work, viewer.actor.id)
        if ticket is not None:
            await holding.take(work, viewer.actor, ticket.number)
    return back_to(f"/admin/cases/{ticket.number}" if ticket is not None else "/admin?view=mine")

"""What waits, for whom, and how long, in figures; the week before in words."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from admin.api.context import Context, Reading
from admin.api.reports import read_talk
from admin.api.shapes.ticket import ticket_shapes
from admin.follow_ups import office_of
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import ReadsQueue
from scheduler.week import read_week
from scheduler.week_words import week_lines
from tickets import queue_report

router = APIRouter(prefix="/figures", route_class=PageRoute)


@router.get("")
async def show_figures(request: Request, viewer: ReadsQueue, session: Reading, context: Context) -> HTMLResponse:
    report = await queue_report.read(session, context.clock.now())
    late = await ticket_shapes(session, [queued.ticket for queued in report.late])
    due = [queued.due_at for queued in report.late]
    talk = await read_talk(session)
    office = office_of(context.settings, context.rulebook)
    week = await read_week(session, office, None, context.clock.now())
    return page(
        request, "figures.html", viewer, report=report, late=list(zip(late, due, strict=True)), talk=talk,
        week="\n".join(week_lines(week, viewer.language, office.zone)),
    )  # fmt: skip

"""What is done to a case from its page: one form each, one verb of the desk each."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from admin.api.context import Context
from admin.pages.cases import PathNumber, Words
from admin.pages.instants import LocalTime, read_local
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import WorksOnTickets
from admin.pages.working import working
from conversations.desk import ending as finishing
from conversations.desk import holding, speaking, waiting
from core.errors import InvalidInput
from core.ids import MAX_ID
from staff import service as staff_service
from staff import teams
from tickets import ending
from tickets.desk import Hold

router = APIRouter(prefix="/cases/{number}", route_class=PageRoute)

_Version = Annotated[int, Form(ge=1)]
_Name = Annotated[str, Form(max_length=120)]


@router.post("/take")
async def take(viewer: WorksOnTickets, context: Context, number: PathNumber) -> Response:
    async with working(context, viewer) as work:
        await holding.take(work, viewer.actor, number)
    return _page_of(number)


@router.post("/note")
async def note(viewer: WorksOnTickets, context: Context, number: PathNumber, text: Words = "") -> Response:
    """Stays among staff."""
    async with working(context, viewer) as work:
        await speaking.note(work, viewer.actor, number, text)
    return _page_of(number, "#events")


@router.post("/hand-back")
async def hand_back(viewer: WorksOnTickets, context: Context, number: PathNumber) -> Response:
    async with working(context, viewer) as work:
        await holding.hand_back(work, viewer.actor, number)
    return _page_of(number)


@router.post("/escalate")
async def escalate(viewer: WorksOnTickets, context: Context, number: PathNumber, text: Words = "") -> Response:
    async with working(context, viewer) as work:
        await holding.escalate(work, viewer.actor, number, text.strip() or None)
    return _page_of(number)


@router.post("/assign")
async def assign(
    viewer: WorksOnTickets,
    context: Context,
    number: PathNumber,
    version: _Version,
    colleague: _Name = "",
    team: _Name = "",
) -> Response:
    """To a person, a team, or both; until they take it the bot answers what it can."""
    async with working(context, viewer) as work:
        to = await staff_service.get_agent(work.session, colleague) if colleague else None
        group = await teams.get_team(work.session, team) if team else None
        await holding.assign(work, viewer.actor, number, version, to, group)
    return _page_of(number)


@router.post("/hand-over")
async def hand_over(
    viewer: WorksOnTickets, context: Context, number: PathNumber, colleague: _Name = "", text: Words = ""
) -> Response:
    """At the end of a shift: the colleague finds the packet among what happened."""
    async with working(context, viewer) as work:
        to = await staff_service.get_agent(work.session, _someone(colleague))
        await holding.hand_over(work, viewer.actor, number, to, text.strip() or None)
    return _page_of(number)


@router.post("/ask")
async def ask(
    viewer: WorksOnTickets, context: Context, number: PathNumber, colleague: _Name = "", text: Words = ""
) -> Response:
    """A colleague looks in without taking over."""
    async with working(context, viewer) as work:
        await holding.ask(work, viewer.actor, number, _someone(colleague), text.strip() or None)
    return _page_of(number, "#events")


def _someone(name: str) -> str:
    if not name:
        raise InvalidInput("choose a colleague", {"colleague": "is empty"})
    return name


@router.post("/pending")
async def pending(viewer: WorksOnTickets, context: Context, number: PathNumber) -> Response:
    async with working(context, viewer) as work:
        await waiting.pend(work, viewer.actor, number)
    return _page_of(number)


@router.post("/hold")
async def hold(
    viewer: WorksOnTickets,
    context: Context,
    number: PathNumber,
    until: LocalTime,
    waiting_for: Annotated[str, Form(min_length=1, max_length=120)],
) -> Response:
    """Promises stand still; the case comes back when the time has come."""
    async with working(context, viewer) as work:
        ends = read_local(until, context.settings.timezone, "until")
        await waiting.hold_for(work, viewer.actor, number, Hold(waiting_for.strip(), ends))
    return _page_of(number)


@router.post("/snooze")
async def snooze(viewer: WorksOnTickets, context: Context, number: PathNumber, until: LocalTime) -> Response:
    """Out of the queue until then, or until the customer writes."""
    async with working(context, viewer) as work:
        await waiting.snooze(work, viewer.actor, number, read_local(until, context.settings.timezone, "until"))
    return _page_of(number)


@router.post("/merge")
async def merge(
    viewer: WorksOnTickets,
    context: Context,
    number: PathNumber,
    version: _Version,
    into: Annotated[int, Form(ge=1, le=MAX_ID)],
) -> Response:
    """The case goes on in the other one."""
    async with working(context, viewer) as work:
        await finishing.merge(work, viewer.actor, number, into, version)
    return _page_of(into)


@router.post("/resolve")
async def resolve(
    viewer: WorksOnTickets,
    context: Context,
    number: PathNumber,
    version: _Version,
    text: Words = "",
    root_cause: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    async with working(context, viewer) as work:
        await finishing.resolve(work, viewer.actor, number, version, text.strip() or None, root_cause or None)
    return _page_of(number)


@router.post("/reopen")
async def reopen(viewer: WorksOnTickets, context: Context, number: PathNumber, text: Words = "") -> Response:
    async with working(context, viewer) as work:
        await finishing.reopen(work, viewer.actor, number, text.strip() or None)
    return _page_of(number)


@router.post("/withdraw")
async def withdraw(viewer: WorksOnTickets, context: Context, number: PathNumber, text: Words = "") -> Response:
    """The customer takes the matter back."""
    async with working(context, viewer) as work:
        await finishing.end(work, viewer.actor, number, ending.withdraw, text.strip() or None)
    return _page_of(number)


def _page_of(number: int, where: str = "") -> Response:
    return back_to(f"/admin/cases/{number}{where}")

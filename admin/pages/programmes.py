"""What the shop writes first: programmes on or off, seen before they go out, and the switch that holds them all."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.fields import PathId
from admin.api.staff import is_on_telegram
from admin.follow_ups import office_of
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import CancelsFollowUps, HoldsFollowUps, ReadsFollowUps, SwitchesProgrammes
from conversations import follow_up_hold
from conversations.amounts import amount_words
from conversations.values import Language
from core.shop import read_shop
from scheduler import follow_ups, programmes, trying
from scheduler.costs import cost_of
from scheduler.follow_ups import FollowUpFilter
from scheduler.programme_report import read_report
from scheduler.showing import show_follow_ups, show_preview
from scheduler.values import FollowUpState
from staff.permissions import Action

router = APIRouter(prefix="/programmes", route_class=PageRoute)

ProgrammeId = Annotated[str, Path(min_length=1, max_length=120, alias="id")]
_PLANNED = 50


@router.get("")
async def list_programmes(request: Request, viewer: ReadsFollowUps, session: Reading, context: Context) -> HTMLResponse:
    office, now = office_of(context.settings, context.rulebook), context.clock.now()
    planned = await follow_ups.list_follow_ups(session, FollowUpFilter(FollowUpState.PLANNED), None, _PLANNED)
    return page(
        request, "programmes.html", viewer,
        programmes=await programmes.list_programmes(session, office),
        on_hold=await follow_up_hold.find_hold(session) is not None,
        planned=await show_follow_ups(session, office, planned, now),
        may_switch=viewer.may(Action.SWITCH_PROGRAMMES),
        may_hold=viewer.may(Action.HOLD_FOLLOW_UPS),
    )  # fmt: skip


@router.get("/{id}")
async def show_programme(
    request: Request, viewer: ReadsFollowUps, context: Context, programme_id: ProgrammeId
) -> HTMLResponse:
    """What would go out within the next 31 days: how many, to whom not, and the first ten with their words."""
    office, now = office_of(context.settings, context.rulebook), context.clock.now()
    found = await trying.look_ahead(context.database, office, programme_id, now)
    async with context.database.read() as session:
        listed = await programmes.get_programme(session, office, programme_id)
        first = await show_preview(session, office, found.first(trying.FIRST), found.contact, now)
        report = await read_report(session, listed.programme, now)
        cost = cost_of(found.rows, (await read_shop(session))[0].currency)
        is_joined = await is_on_telegram(session, viewer.actor.id)
    sent, skipped = found.counts()
    return page(
        request, "programme.html", viewer, listed=listed, first=first, sent=sent, skipped=skipped, report=report,
        cost=[amount_words(money, Language(viewer.language)) for money in cost],
        may_switch=viewer.may(Action.SWITCH_PROGRAMMES),
        speaks=trying.first_words(listed.programme) is not None,
        is_joined=is_joined,
    )  # fmt: skip


@router.post("/{id}/test")
async def try_on_somebody(
    request: Request,
    viewer: SwitchesProgrammes,
    context: Context,
    programme_id: ProgrammeId,
    customer_number: Annotated[str, Form(max_length=120)] = "",
) -> HTMLResponse:
    """Its first message, filled with examples, at once; without a customer's number to whoever asks."""
    office, now, by = office_of(context.settings, context.rulebook), context.clock.now(), viewer.actor.name
    to = customer_number.strip() or by
    async with context.database.write() as session:
        tested = await trying.send_test(session, office, programme_id, to, by=by, now=now)
    return page(request, "tried.html", viewer, tested=tested, to=to, programme_id=programme_id)


@router.post("/{id}/enable")
async def enable(viewer: SwitchesProgrammes, context: Context, programme_id: ProgrammeId) -> Response:
    """From the page that shows what would go out."""
    office = office_of(context.settings, context.rulebook)
    async with context.database.write() as session:
        now = context.clock.now()
        await programmes.enable(session, office, programme_id, by=viewer.actor.name, now=now)
    return back_to("/admin/programmes")


@router.post("/{id}/pause")
async def pause(viewer: SwitchesProgrammes, context: Context, programme_id: ProgrammeId) -> Response:
    """What is planned is not sent."""
    office = office_of(context.settings, context.rulebook)
    async with context.database.write() as session:
        await programmes.pause(session, office, programme_id, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/programmes")


@router.post("/follow-ups/{id}/cancel")
async def cancel(viewer: CancelsFollowUps, context: Context, follow_up_id: PathId) -> Response:
    async with context.database.write() as session:
        await follow_ups.cancel(session, follow_up_id, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/programmes")


@router.post("/hold")
async def hold(viewer: HoldsFollowUps, context: Context) -> Response:
    """Nothing is sent that the shop says first; answers go on."""
    async with context.database.write() as session:
        await programmes.hold(session, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/programmes")


@router.post("/release")
async def release(viewer: HoldsFollowUps, context: Context) -> Response:
    async with context.database.write() as session:
        await programmes.release(session, by=viewer.actor.name, now=context.clock.now())
    return back_to("/admin/programmes")

"""Programmes: what the shop writes first, on or off, seen and tried before it goes out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.fields import Body, ShortLine
from admin.api.shapes.follow_up import FollowUpShape, follow_up_shape
from admin.api.shapes.programme_report import ProgrammeReportShape, programme_report_shape
from admin.api.shapes.week import MoneyShape
from admin.api.writing import ApiRoute, Writing
from admin.follow_ups import office_of
from core.shop import read_shop
from core.shop_facts import Localised
from scheduler import programmes, trying
from scheduler.costs import cost_of
from scheduler.preview import Preview
from scheduler.programme_report import read_report
from scheduler.programme_rules import ProgrammeKind
from scheduler.programmes import Listed
from scheduler.showing import show_preview
from staff.permissions import Action

router = APIRouter(prefix="/programmes", tags=["follow-ups"], route_class=ApiRoute)

ProgrammeId = Annotated[ShortLine, Path(alias="id", examples=["birthday"])]
_READ, _SWITCH = [allowed(Action.READ_FOLLOW_UPS)], [allowed(Action.SWITCH_PROGRAMMES)]


class ProgrammeShape(BaseModel):
    """`since`: what is due from then on counts. `paused_because`: `stops` when too many customers had enough of it."""

    id: str = Field(examples=["birthday"])
    name: Localised
    kind: ProgrammeKind
    priority: int
    rule: str = Field(examples=["programmes@0/birthday"])
    enabled: bool
    since: datetime | None
    paused_at: datetime | None
    paused_because: str | None


class ProgrammesShape(BaseModel):
    items: list[ProgrammeShape]


class Enabling(Body):
    """`dry_run`: only shows what would go out within the next 31 days."""

    dry_run: bool = False


class EnabledShape(BaseModel):
    """What would go out within the next 31 days: how many, what their gifts cost at most, and the first ten."""

    enabled: bool
    count: int
    cost: list[MoneyShape]
    skip: dict[str, int]
    first: list[FollowUpShape]


class TestBody(Body):
    """`to`: a colleague who has linked an account, or a customer's number (`external_id`)."""

    to: ShortLine


class TestShape(BaseModel):
    """The delivery that carries the test."""

    delivery: int
    text: str


async def _look_ahead(context: Context, programme_id: ProgrammeId) -> Preview:
    """Before the route's transaction begins: a preview takes its time."""
    office = office_of(context.settings, context.rulebook)
    return await trying.look_ahead(context.database, office, programme_id, context.clock.now())


@router.get("", summary="List programmes", dependencies=_READ)
async def list_programmes(session: Reading, context: Context) -> ProgrammesShape:
    """In the order of the rules; all ship off."""
    found = await programmes.list_programmes(session, office_of(context.settings, context.rulebook))
    return ProgrammesShape(items=[_shape(one) for one in found])


@router.get("/{id}/report", summary="How a programme does", dependencies=_READ)
async def report(session: Reading, context: Context, programme_id: ProgrammeId) -> ProgrammeReportShape:
    """Sent, answered, stopped, and bought afterwards, beside those who were kept out."""
    listed = await programmes.get_programme(session, office_of(context.settings, context.rulebook), programme_id)
    return programme_report_shape(await read_report(session, listed.programme, context.clock.now()))


@router.post("/{id}/enable", summary="Enable a programme", dependencies=_SWITCH)
async def enable(
    found: Annotated[Preview, Depends(_look_ahead)],
    session: Writing,
    actor: Caller,
    context: Context,
    programme_id: ProgrammeId,
    body: Enabling,
) -> EnabledShape:
    """With `dry_run` it only shows what would go out. What was due before does not count."""
    office, now = office_of(context.settings, context.rulebook), context.clock.now()
    if not body.dry_run:
        await programmes.enable(session, office, programme_id, by=actor.name, now=now)
    listed = await programmes.get_programme(session, office, programme_id)
    sent, skipped = found.counts()
    first = await show_preview(session, office, found.first(trying.FIRST), found.contact, now)
    cost = cost_of(found.rows, (await read_shop(session))[0].currency)
    return EnabledShape(
        enabled=listed.is_on,
        count=sent,
        cost=[MoneyShape.model_validate(money) for money in cost],
        skip=skipped,
        first=[follow_up_shape(one) for one in first],
    )


@router.post("/{id}/pause", summary="Pause a programme", dependencies=_SWITCH)
async def pause(session: Writing, actor: Caller, context: Context, programme_id: ProgrammeId) -> ProgrammeShape:
    """What is planned is not sent."""
    office = office_of(context.settings, context.rulebook)
    await programmes.pause(session, office, programme_id, by=actor.name, now=context.clock.now())
    return _shape(await programmes.get_programme(session, office, programme_id))


@router.post("/{id}/test", summary="Try a programme on oneself", dependencies=_SWITCH)
async def test(
    session: Writing, actor: Caller, context: Context, programme_id: ProgrammeId, body: TestBody
) -> TestShape:
    """Sends its first message, filled with examples, at once and to one person."""
    office, now = office_of(context.settings, context.rulebook), context.clock.now()
    tested = await trying.send_test(session, office, programme_id, body.to, by=actor.name, now=now)
    return TestShape(delivery=tested.delivery_id, text=tested.text)


def _shape(listed: Listed) -> ProgrammeShape:
    state = listed.state
    return ProgrammeShape(
        id=listed.programme.id,
        name=listed.programme.name,
        kind=listed.programme.kind,
        priority=listed.programme.priority,
        rule=listed.rule,
        enabled=listed.is_on,
        since=state.since if state and listed.is_on else None,
        paused_at=state.paused_at if state else None,
        paused_because=state.paused_because if state else None,
    )

"""Customers: their files, timelines and consents, invitations, copies and erasure."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from admin import timeline
from admin.api.audiences import Wanted
from admin.api.context import ApiContext, Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, Line, PathId, ShortLine, Text
from admin.api.shapes.customer import (
    ConsentsWithHistory,
    FileShape,
    HappeningShape,
    consents_with_history,
    file_shape,
    file_shapes,
    happening_shape,
)
from admin.api.writing import ApiRoute, Writing
from admin.links import InviteShape, invite
from core.errors import InvalidInput
from core.files import FolderStore
from core.ids import MAX_ID
from customers import consents, directory, notes, privacy, service
from customers.customer_rows import lock_imports
from customers.export import take_copy
from customers.profile import ProfileChanges
from customers.service import Writer
from customers.timeline import Happening
from customers.values import ConsentKind, NoteKind, Origin, Stage, Tier
from knowledge_base.forgetting import FORGETTING
from staff import audit
from staff.permissions import Action
from staff.values import Actor

router = APIRouter(prefix="/customers", tags=["customers"], route_class=ApiRoute)

_LIST, _BY_SCORE, _TIMELINE = "customers", "customers by score", "timeline"
_READ, _EDIT = [allowed(Action.READ_CUSTOMERS)], [allowed(Action.EDIT_CUSTOMERS)]


class ProfilePatch(ProfileChanges):
    """Fields to change; `version` is the one that you read."""

    version: int = Field(ge=1, le=2**31 - 1)


class Note(Body):
    kind: NoteKind
    text: Annotated[Text, Field(min_length=1, max_length=4000)]


class LinkWish(Body):
    """`order`: the number of one of the customer's, which the link is about."""

    order: Line | None = None


class ConsentAnswers(Body):
    """What the customer told you. What is not named stays."""

    care: bool | None = None
    promotion: bool | None = None
    source: Line


class ErasureReceipt(BaseModel):
    """Every place that held something; what is kept without a name, and why; what could not be reached."""

    customer: int
    asked_by: str
    asked_at: str
    erased_at: str
    places: list[dict[str, Any]]
    kept: list[dict[str, str]]
    unreachable: list[str]


@router.get("", summary="List customers", dependencies=_READ)
async def list_customers(
    session: Reading,
    context: Context,
    audience: Wanted,
    q: Annotated[ShortLine | None, Query(description="Part of a name, number, phone or address.")] = None,
    external_id: Annotated[ShortLine | None, Query(description="The shop's own number.")] = None,
    tier: Tier | None = None,
    stage: Stage | None = None,
    sort: Annotated[Literal["score"] | None, Query(description="The best first; else the newest.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[FileShape]:
    wanted = replace(audience, text=q, external_id=external_id, tier=tier, stage=stage)
    now = context.clock.now()
    if sort is None:
        found = await directory.list_customers(session, wanted, now.date(), decode_cursor(_LIST, cursor), limit + 1)
        shown, next_cursor = one_page(found, limit, _LIST, lambda customer: customer.id)
    else:
        start = min(decode_cursor(_BY_SCORE, cursor) or 0, 2**31)
        found = await directory.list_by_score(session, wanted, now.date(), start, limit + 1)
        shown, next_cursor = one_page(found, limit, _BY_SCORE, lambda _customer: start + limit)
    return Page(items=await file_shapes(session, shown, now), next_cursor=next_cursor)


@router.post("", summary="Add a customer", status_code=201, responses={200: {"model": FileShape}}, dependencies=_EDIT)
async def add_customer(
    session: Writing, actor: Caller, context: Context, body: ProfileChanges, response: Response
) -> FileShape:
    """With an `external_id` that is known, the known one is changed instead (200)."""
    if not any((body.external_id, body.name, body.phone, body.email)):
        raise InvalidInput("who is it?", {"name": "external_id, name, phone or email is needed"})
    await lock_imports(session)
    now = context.clock.now()
    customer, is_new = await service.create_customer(session, body, Writer(actor.name, Origin.AGENT), now)
    response.status_code = 201 if is_new else 200
    return await file_shape(session, customer, now)


@router.get("/{id}", summary="Show a customer", dependencies=_READ)
async def get_customer(session: Reading, context: Context, customer_id: PathId) -> FileShape:
    return await file_shape(session, await service.get_customer(session, customer_id), context.clock.now())


@router.patch("/{id}", summary="Change a customer", dependencies=_EDIT)
async def change_customer(
    session: Writing, actor: Caller, context: Context, customer_id: PathId, body: ProfilePatch
) -> FileShape:
    """What is not named stays; null empties a field. An old `version`: 409."""
    now = context.clock.now()
    changes = ProfileChanges.model_validate(body.model_dump(exclude_unset=True, exclude={"version"}))
    by = Writer(actor.name, Origin.AGENT)
    customer = await service.change_customer(session, customer_id, body.version, changes, by, now)
    return await file_shape(session, customer, now)


@router.get("/{id}/timeline", summary="Read all that happened", dependencies=_READ)
async def read_timeline(
    session: Reading, customer_id: PathId, limit: Limit = 50, cursor: Cursor = None
) -> Page[HappeningShape]:
    """Newest first: what was said, orders, consents, notes, moves between segments, tasks."""
    customer = await service.get_customer(session, customer_id)
    start = decode_cursor(_TIMELINE, cursor) or 0
    rows = (await timeline.list_all(session, customer.id))[start : start + limit + 1]
    shown, next_cursor = one_page(rows, limit, _TIMELINE, lambda _row: start + limit)
    return Page(items=[happening_shape(row) for row in shown], next_cursor=next_cursor)


@router.post("/{id}/timeline", summary="Log a call, a visit, a wish or a note", status_code=201, dependencies=_EDIT)
async def add_note(
    session: Writing, actor: Caller, context: Context, customer_id: PathId, body: Note
) -> HappeningShape:
    now = context.clock.now()
    note = await notes.add_note(session, customer_id, body.kind, body.text, actor=actor.name, now=now)
    return happening_shape(Happening(note.at, note.kind.value, note.text, note.actor))


@router.get("/{id}/consents", summary="Show what a customer allows", dependencies=_READ)
async def read_consents(session: Reading, customer_id: PathId) -> ConsentsWithHistory:
    return await consents_with_history(session, (await service.get_customer(session, customer_id)).id)


@router.put("/{id}/consents", summary="Record what a customer allows", dependencies=_EDIT)
async def record_consents(
    session: Writing, actor: Caller, context: Context, customer_id: PathId, body: ConsentAnswers
) -> ConsentsWithHistory:
    """What they told you counts as their own word: no import overrides it."""
    customer = await service.lock_customer(session, customer_id)
    said = {ConsentKind.CARE: body.care, ConsentKind.PROMOTION: body.promotion}
    answers = {kind: given for kind, given in said.items() if given is not None}
    now = context.clock.now()
    await consents.record(session, customer.id, answers, source=body.source, now=now)
    changes = {kind.value: (None, given) for kind, given in answers.items()}
    audit.record(
        session, actor=actor.name, action="consents.set", object=f"customer:{customer.id}", now=now, changes=changes
    )
    return await consents_with_history(session, customer.id)


@router.post("/{id}/link", summary="Invite a customer", status_code=201, dependencies=_EDIT)
async def make_link(
    session: Writing, actor: Caller, context: Context, customer_id: PathId, body: LinkWish | None = None
) -> InviteShape:
    """A personal link: who opens it first is this customer, and is told where the order is. Shown this once."""
    order, now = body.order if body else None, context.clock.now()
    return await invite(session, context.settings, customer_id, by=actor.name, now=now, order=order)


@router.get("/{id}/export", summary="Copy all that is known", dependencies=[allowed(Action.EXPORT_CUSTOMERS)])
async def export(actor: Caller, context: Context, customer_id: PathId) -> dict[str, Any]:
    """The audit book notes who took it."""
    return await take_copy(context.database, customer_id, by=actor.name, now=context.clock.now())


@router.delete("/{id}", summary="Erase a customer", dependencies=[allowed(Action.ERASE_CUSTOMERS)])
async def erase(actor: Caller, context: Context, customer_id: PathId) -> ErasureReceipt:
    """Nothing is left but the receipt; again: the same receipt. Killed on the way, the next start finishes it."""
    return await erase_customer(context, customer_id, actor)


async def erase_customer(context: ApiContext, customer_id: int, by: Actor) -> ErasureReceipt:
    """In transactions of its own. Raises CustomerNotFound."""
    folder = context.settings.data_dir
    work = privacy.Erasing(context.database, folder, FolderStore(folder / "files"), elsewhere=FORGETTING)
    now = context.clock.now()
    return ErasureReceipt.model_validate(await privacy.erase(work, min(customer_id, MAX_ID), by=by.name, now=now))

"""`POST /events`: what another system tells of a customer, for programmes that wait for it."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, allowed
from admin.api.conversations import account_of
from admin.api.fields import Body, Line, ShortLine
from admin.api.orders import Instant
from admin.api.writing import ApiRoute, Writing
from conversations import repository
from conversations.channels import HTTP
from customers.identities import Newcomer, ensure_identity
from scheduler.posted_events import EventDraft, post_event
from staff.permissions import Action

router = APIRouter(prefix="/events", tags=["follow-ups"], route_class=ApiRoute)

_MOST = 20


class NewEvent(Body):
    """`customer` is the shop's number for them, as in `/messages`; `data` fills the programme's texts."""

    id: ShortLine = Field(description="Your own; it counts once.")
    customer: ShortLine
    kind: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$", examples=["back_in_stock"])]
    at: Instant
    data: dict[ShortLine, Line] = Field(default_factory=dict, max_length=_MOST)


class EventShape(BaseModel):
    """`new`: false when the `id` was posted before; nothing changes then."""

    id: str
    new: bool


@router.post(
    "",
    summary="Post an event",
    status_code=201,
    responses={200: {"model": EventShape}},
    dependencies=[allowed(Action.POST_EVENTS)],
)
async def post(session: Writing, actor: Caller, context: Context, body: NewEvent, response: Response) -> EventShape:
    """A programme whose trigger is this kind of event writes to the customer. Known `id`: 200."""
    now, account = context.clock.now(), account_of(actor)
    await repository.ensure_account(session, account, HTTP, now)
    newcomer = Newcomer(
        account=account,
        external_id=body.customer,
        verified=True,
        customer_external_id=None if actor.own_ids else body.customer,
    )
    identity = await ensure_identity(session, newcomer, now)
    draft = EventDraft(account, body.id, identity.customer_id, body.kind, body.at, body.data)
    event, is_new = await post_event(session, draft, now)
    response.status_code = 201 if is_new else 200
    return EventShape(id=event.external_id, new=is_new)

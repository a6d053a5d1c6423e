"""Compensation: what may be given, asked for, agreed to, offered, and reported as done."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, PathId, ShortLine, Text
from admin.api.shapes.compensation import GrantShape, OptionsShape, grant_shape, grant_shapes, options_shape
from admin.api.tickets import PathNumber
from admin.api.working import MovingMoney
from admin.api.writing import ApiRoute
from conversations import grant_news
from core.ids import MAX_ID
from core.money import Money
from customers import service as customer_service
from staff.permissions import Action
from tickets import desk, grants, offers, repository
from tickets.grants import GrantFilter, Request
from tickets.values import GrantKind, GrantState, Origin

router = APIRouter(tags=["compensation"], route_class=ApiRoute)

_LIST, _OF_TICKET = "compensation", "ticket_compensation"
_READ, _GIVE = [allowed(Action.READ_COMPENSATION)], [allowed(Action.GIVE_COMPENSATION)]
_DECIDE = [allowed(Action.DECIDE_COMPENSATION)]


class NewGrant(Body):
    """`reason` is for people; it decides nothing."""

    kind: GrantKind
    amount_minor: int = Field(ge=0, le=10**12, examples=[1240])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY", "PTS"])
    reason: Annotated[Text, Field(min_length=1, max_length=2000)]

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Confirmation(Body):
    """An admin's own request is agreed to by typing its amount."""

    confirm: int | None = Field(default=None, ge=0, le=10**12, description="The amount_minor of one's own request.")


class Reference(Body):
    reference: ShortLine = Field(examples=["ALIPAY-20260305-77"])


@router.get("/tickets/{number}/compensation", summary="List a ticket's compensation", dependencies=_READ)
async def list_of_ticket(
    session: Reading, context: Context, number: PathNumber, limit: Limit = 50, cursor: Cursor = None
) -> Page[GrantShape]:
    """Newest first."""
    ticket = await repository.get_ticket(session, number)
    wanted = GrantFilter(ticket_id=ticket.id)
    rows = await grants.list_grants(session, wanted, decode_cursor(_OF_TICKET, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _OF_TICKET, lambda grant: grant.id)
    return Page(items=await grant_shapes(session, shown, context.language), next_cursor=next_cursor)


@router.get("/tickets/{number}/compensation/options", summary="See what the rules allow", dependencies=_READ)
async def options(session: Reading, actor: Caller, context: Context, number: PathNumber) -> OptionsShape:
    """For this ticket and now, with your own limit and what the month's budget has left."""
    ticket = await repository.get_ticket(session, number)
    policy = await context.policies.current(session)
    offered = await offers.describe(session, policy, ticket, actor, context.clock.now())
    return options_shape(offered, policy.tickets.name_of(""), context.language)


@router.post("/tickets/{number}/compensation", status_code=201, summary="Ask for compensation", dependencies=_GIVE)
async def ask(work: MovingMoney, actor: Caller, context: Context, number: PathNumber, body: NewGrant) -> GrantShape:
    """Within your limit it is approved at once; beyond it somebody else has to agree. A cap or the budget: 409."""
    ticket = await desk.lock_for(work, number, actor)
    asked = Request(kind=body.kind, money=body.money, customer_id=ticket.customer_id, ticket=ticket, reason=body.reason)
    return await grant_shape(work.session, await grants.request(work, asked, actor), context.language)


@router.post("/customers/{id}/compensation", status_code=201, summary="Give out of goodwill", dependencies=_DECIDE)
async def give_goodwill(
    work: MovingMoney, actor: Caller, context: Context, customer_id: PathId, body: NewGrant
) -> GrantShape:
    """Without a ticket, from a budget of its own."""
    customer = await customer_service.get_customer(work.session, customer_id)
    asked = Request(
        kind=body.kind, money=body.money, customer_id=customer.id, origin=Origin.GOODWILL, reason=body.reason
    )
    return await grant_shape(work.session, await grants.request(work, asked, actor), context.language)


@router.get("/compensation", summary="List compensation", dependencies=_READ)
async def list_all(
    session: Reading,
    context: Context,
    state: GrantState | None = None,
    kind: GrantKind | None = None,
    customer: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A customer's id.")] = None,
    to_pay: Annotated[bool, Query(description="What was accepted and has to be paid or sent by people.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[GrantShape]:
    """Newest first."""
    wanted = GrantFilter(state=state, kind=kind, customer_id=customer, to_pay=to_pay)
    rows = await grants.list_grants(session, wanted, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda grant: grant.id)
    return Page(items=await grant_shapes(session, shown, context.language), next_cursor=next_cursor)


@router.post("/compensation/{id}/offer", summary="Offer it to the customer", dependencies=_GIVE)
async def offer(work: MovingMoney, actor: Caller, context: Context, grant_id: PathId) -> GrantShape:
    """What is approved, or within your own limit. The customer is asked in their conversation."""
    return await grant_shape(work.session, await grant_news.offer(work, grant_id, actor), context.language)


@router.post("/compensation/{id}/accept", summary="The customer says yes", dependencies=_GIVE)
async def accept(work: MovingMoney, context: Context, grant_id: PathId) -> GrantShape:
    """Vouchers, points and apologies are issued at once; the rest waits until it was paid or sent."""
    return await grant_shape(work.session, await grant_news.accept(work, grant_id), context.language)


@router.post("/compensation/{id}/decline", summary="The customer says no", dependencies=_GIVE)
async def decline(work: MovingMoney, context: Context, grant_id: PathId) -> GrantShape:
    return await grant_shape(work.session, await grants.decline(work, grant_id), context.language)


@router.post("/compensation/{id}/issue", summary="It was paid or sent", dependencies=_GIVE)
async def issue(work: MovingMoney, context: Context, grant_id: PathId, body: Reference) -> GrantShape:
    """Kefu moves no money: `reference` is the shop's own, of a payment or parcel. The customer hears of it now."""
    return await grant_shape(work.session, await grant_news.issue(work, grant_id, body.reference), context.language)


@router.post("/compensation/{id}/approve", summary="Agree to a request", dependencies=_DECIDE)
async def approve(
    work: MovingMoney, actor: Caller, context: Context, grant_id: PathId, body: Confirmation | None = None
) -> GrantShape:
    """Never to one's own, except an admin who types the amount."""
    confirm = body.confirm if body else None
    return await grant_shape(work.session, await grants.approve(work, grant_id, actor, confirm), context.language)


@router.post("/compensation/{id}/reject", summary="Refuse a request", dependencies=_DECIDE)
async def reject(work: MovingMoney, context: Context, grant_id: PathId) -> GrantShape:
    return await grant_shape(work.session, await grants.reject(work, grant_id), context.language)


@router.post("/compensation/{id}/revoke", summary="Take it back", dependencies=_DECIDE)
async def revoke(work: MovingMoney, context: Context, grant_id: PathId) -> GrantShape:
    """What is still open; a voucher until it is redeemed."""
    return await grant_shape(work.session, await grant_news.revoke(work, grant_id), context.language)

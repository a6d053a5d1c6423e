"""Vouchers at the till: is it good, and spend it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from admin.api.context import Context, Reading, allowed
from admin.api.fields import Body, ShortLine
from admin.api.shapes.compensation import VoucherShape, voucher_shape
from admin.api.working import MovingMoney
from admin.api.writing import ApiRoute
from core.errors import Conflict
from staff.permissions import Action
from tickets import redemption

router = APIRouter(
    prefix="/vouchers", tags=["vouchers"], route_class=ApiRoute, dependencies=[allowed(Action.REDEEM_VOUCHERS)]
)

_Code = Annotated[ShortLine, Field(examples=["7K3M-XQ2P-9AB4-CD56-EFGH"])]


class VoucherBody(Body):
    """As it was typed: case, spaces and dashes do not matter. `order`: what it is spent on."""

    code: _Code
    order: ShortLine | None = None


@router.post("/check", summary="Look at a voucher")
async def check(session: Reading, context: Context, body: VoucherBody) -> VoucherShape:
    """Changes nothing."""
    grant = await redemption.find_voucher(session, context.policies.codes, body.code)
    try:
        redemption.check(grant, context.clock.now())
    except Conflict:
        return voucher_shape(grant, usable=False)
    return voucher_shape(grant, usable=True)


@router.post("/redeem", summary="Redeem a voucher")
async def redeem(work: MovingMoney, body: VoucherBody) -> VoucherShape:
    """Once. Spent, revoked or expired: 409."""
    return voucher_shape(await redemption.redeem(work, body.code, body.order), usable=False)

"""Tiers and stages: how many are in each, and what they spent."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin.api.audiences import Wanted
from admin.api.context import Context, Reading, allowed
from admin.api.writing import ApiRoute
from customers.segment_views import Segment, count_segments
from staff.permissions import Action

router = APIRouter(prefix="/segments", tags=["customers"], route_class=ApiRoute)


class SegmentShape(BaseModel):
    """`spent_minor`: what its customers spent within the window of the rules, in `currency`."""

    name: str = Field(examples=["vip", "growing"])
    customers: int
    spent_minor: int


class SegmentsShape(BaseModel):
    tiers: list[SegmentShape]
    stages: list[SegmentShape]
    currency: str


@router.get("", summary="Count tiers and stages", dependencies=[allowed(Action.READ_SEGMENTS)])
async def show(session: Reading, context: Context, audience: Wanted) -> SegmentsShape:
    """Of everybody, or of an audience: `?tag=&region=&product=&age_from=&age_to=`."""
    found = await count_segments(session, audience, context.clock.now().date())
    return SegmentsShape(
        tiers=[_shape(one) for one in found.tiers],
        stages=[_shape(one) for one in found.stages],
        currency=found.currency,
    )


def _shape(segment: Segment) -> SegmentShape:
    return SegmentShape(name=segment.name, customers=segment.customers, spent_minor=segment.spent_minor)

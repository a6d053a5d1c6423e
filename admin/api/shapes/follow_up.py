"""Follow-ups as scripts read them: those that are written down, and those of a preview."""

from datetime import datetime

from pydantic import BaseModel, Field

from admin.api.shapes.because import BecauseShape
from admin.api.shapes.people import CustomerShape, customer_shape
from scheduler.showing import Shown
from scheduler.values import FollowUpKind, FollowUpState


class FollowUpShape(BaseModel):
    """`id` is null in a preview. `occasion`: a local date, `order:ID`, `ticket:N` or `event:ID`.

    `decision`: `send` or `skip`; `because` says why, `rule` by which rule.
    """

    id: int | None
    programme: str = Field(examples=["birthday"])
    occasion: str = Field(examples=["2026-03-03", "order:A-1001"])
    kind: FollowUpKind
    customer: CustomerShape | None
    due_at: datetime
    due_local: datetime = Field(description="With the customer's own offset.")
    expires_at: datetime
    channel: str | None = Field(examples=["telegram"])
    text: str
    decision: str = Field(examples=["send", "skip"])
    because: BecauseShape
    rule: str = Field(examples=["programmes@0/birthday", "cap/a-week"])
    state: FollowUpState


def follow_up_shape(shown: Shown) -> FollowUpShape:
    return FollowUpShape(
        id=shown.id,
        programme=shown.programme,
        occasion=shown.occasion,
        kind=shown.kind,
        customer=customer_shape(shown.customer, None) if shown.customer else None,
        due_at=shown.due_at,
        due_local=shown.due_local,
        expires_at=shown.expires_at,
        channel=shown.channel,
        text=shown.text,
        decision="send" if shown.is_sent else "skip",
        because=BecauseShape(key=shown.because, values=shown.because_values, text=shown.because_text),
        rule=shown.rule,
        state=shown.state,
    )

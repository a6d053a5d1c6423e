"""Writes to tickets: one transaction by the rules that hold, and, for money, a key that is kept for ever."""

from typing import Annotated

from fastapi import Depends, Request

from admin.api.context import Caller, Context
from admin.api.writing import Effect, Writing
from tickets.policy import Work


async def ticket_work(session: Writing, actor: Caller, context: Context) -> Work:
    return await context.policies.work(session, context.clock.now(), actor.name)


Working = Annotated[Work, Depends(ticket_work)]


async def money_work(request: Request, work: Working) -> Work:
    effect = request.state.effect
    assert isinstance(effect, Effect)
    effect.keep_for_ever()
    return work


#: What moves money: its `Idempotency-Key` never counts twice.
MovingMoney = Annotated[Work, Depends(money_work)]

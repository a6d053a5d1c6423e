"""Approvals as one would write them at first: look at the caps, then write. Between the two everybody else does too.

And caps that keep every promise by giving nothing.
"""

import asyncio

from staff.values import Actor
from tests.integration.tickets.shop import TicketShop
from tickets import caps, ledger
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.values import GrantState, LimitPassed


async def approve_naively(shop: TicketShop, grant_id: int, boss: Actor, looked: asyncio.Barrier) -> bool:
    """`looked`: everybody has read the caps before anybody writes, as happens under load."""
    async with shop.database.read() as session:
        grant = await session.get_one(Grant, grant_id)
        policy = await shop.policies.current(session)
        reading = Work(session, policy, shop.policies.codes, shop.clock.now(), boss.name)  # type: ignore[arg-type]
        try:
            await caps.check(reading, grant)
            passes = True
        except LimitPassed:
            passes = False
    await looked.wait()
    if passes:
        async with shop.work(boss.name) as work:
            grant = await work.session.get_one(Grant, grant_id)
            grant.state, grant.approved_by = GrantState.APPROVED, boss.name
            await ledger.promise(work.session, grant, policy.month(work.now), work.now)
    return passes


async def refuse_all(work: Work, grant: Grant) -> None:
    """Caps that nothing fits under. Raises LimitPassed."""
    raise LimitPassed("no")

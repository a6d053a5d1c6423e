"""The jobs of writing first: planning, handing over what is due, carrying back what became of it."""

from scheduler.answering import apply_answers
from scheduler.carrying import carry_over
from scheduler.digest import post_digest
from scheduler.dispatch import dispatch_due
from scheduler.jobs import Job, Shop
from scheduler.planner import Office, plan_ahead
from scheduler.stopping import pause_unwelcome


def follow_up_jobs(office: Office) -> tuple[Job, ...]:
    """The jobs of one installation. Several processes may run them: each occasion counts once."""

    async def plan(shop: Shop) -> int:
        return await plan_ahead(shop.database, office, shop.clock.now())

    async def dispatch(shop: Shop) -> int:
        return await dispatch_due(shop.database, office, shop.clock.now())

    async def carry(shop: Shop) -> int:
        return await carry_over(shop.database)

    async def answer(shop: Shop) -> int:
        return await apply_answers(shop.database, office, shop.clock.now())

    async def digest(shop: Shop) -> int:
        return await post_digest(shop.database, office, shop.clock.now())

    async def stop(shop: Shop) -> int:
        async with shop.database.write() as session:
            return await pause_unwelcome(session, office, shop.clock.now())

    return (
        Job("follow_ups.plan", 30, plan),
        Job("follow_ups.dispatch", 5, dispatch),
        Job("follow_ups.carry", 5, carry),
        Job("follow_ups.answers", 5, answer),
        Job("follow_ups.stops", 300, stop),
        Job("digest", 300, digest),
    )

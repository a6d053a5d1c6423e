"""What a brand-new shop gets: the sample shop to try, and one admin key."""

from sqlalchemy import func, select

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from staff import service
from staff.models import Agent
from staff.values import Role

FIRST_ADMIN = "admin"


async def make_first_admin(database: Database, clock: Clock) -> str | None:
    """The key of the first admin, made when there is nobody yet; None afterwards."""
    async with database.write() as session:
        if await session.scalar(select(func.count()).select_from(Agent)):
            return None
        _, key = await service.add_agent(session, FIRST_ADMIN, Role.ADMIN, by="first start", now=clock.now())
        return key


async def load_sample_once(database: Database, clock: Clock, settings: Settings) -> bool:
    """Loads the sample shop into a database that has never held anything; True when it did."""
    if not settings.sample_data:
        return False
    from bot.bootstrap.sample import load_sample_if_new

    return await load_sample_if_new(database, clock)

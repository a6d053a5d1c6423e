"""What a brand-new shop gets: the sample shop to try, and one admin key."""

from sqlalchemy import exists, func, select

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from core.shop import Shop
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
    if not settings.sample_data or await _has_begun(database):
        return False
    from bot.bootstrap.sample import load_sample_if_new

    return await load_sample_if_new(database, clock)


async def _has_begun(database: Database) -> bool:
    """Whether anything is known of the shop, as after every start but the first: reading the sample's files, and the
    libraries for them, is for that one."""
    async with database.read() as session:
        return bool(await session.scalar(select(exists().select_from(Shop))))

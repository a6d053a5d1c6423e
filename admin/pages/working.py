"""What a form does to tickets: one transaction, by the rules that hold, in the name of whoever is signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from admin.api.context import ApiContext
from admin.pages.visitor import Viewer
from tickets.policy import Work


@asynccontextmanager
async def working(context: ApiContext, viewer: Viewer) -> AsyncIterator[Work]:
    async with context.database.write() as session:
        yield await context.policies.work(session, context.clock.now(), viewer.actor.name)

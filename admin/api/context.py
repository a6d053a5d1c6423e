"""What the routes work with, and who is asking."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from admin.api.errors import Unauthorised
from conversations.service import Conversations
from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from core.errors import NotAllowed
from core.settings import Settings
from knowledge_base.service import KnowledgeBase
from staff import service as staff_service
from staff.permissions import Action, may
from staff.values import Actor


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Built once by bootstrap, kept in `app.state.context`."""

    settings: Settings
    clock: Clock
    database: Database
    knowledge: KnowledgeBase
    conversations: Conversations


def api_context(request: Request) -> ApiContext:
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


Context = Annotated[ApiContext, Depends(api_context)]


async def read_session(context: Context) -> AsyncIterator[ReadSession]:
    async with context.database.read() as session:
        yield session


async def write_session(context: Context) -> AsyncIterator[WriteSession]:
    """One transaction, committed before the response goes out (hence `scope="function"` below)."""
    async with context.database.write() as session:
        yield session


Reading = Annotated[ReadSession, Depends(read_session)]
Writing = Annotated[WriteSession, Depends(write_session, scope="function")]


async def current_actor(request: Request, context: Context) -> Actor:
    """Whose key the request carries.

    Raises:
        Unauthorised: none, or one that opens nothing.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorised("send your key as `Authorization: Bearer KEY`")
    async with context.database.read() as session:
        actor = await staff_service.authenticate(session, key.strip())
    if actor is None:
        raise Unauthorised("this key opens nothing; `kefu staff key NAME` makes a new one")
    return actor


Caller = Annotated[Actor, Depends(current_actor)]


def allowed(action: Action) -> Any:
    """The dependency of a route that does `action`; the route's own object is checked where it is known."""

    async def check(actor: Caller) -> Actor:
        if not may(actor, action):
            raise NotAllowed(f"{actor.name} ({actor.role.value}) may not do {action.value}")
        return actor

    return Depends(_named(check, action))


def _named(check: Callable[..., Any], action: Action) -> Callable[..., Any]:
    """Marks the dependency, so that a test can ask each route which row of the permission table it uses."""
    check.__dict__["action"] = action
    return check

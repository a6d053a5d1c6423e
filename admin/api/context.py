"""What the routes work with, and who is asking."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from admin.api.errors import Unauthorised
from admin.api.limits import MinuteLimit
from core.clock import Clock
from core.database import Database, ReadSession
from core.errors import NotAllowed
from core.rulebook import Rulebook
from core.settings import Settings
from knowledge_base.service import KnowledgeBase
from staff import service as staff_service
from staff.permissions import Action, may
from staff.values import Actor
from tickets.policy import Policies

PREFIX = "/api/v1"
#: Far above what an honest system needs; a loop that ran wild is stopped.
REQUESTS_PER_MINUTE = 30_000
FAILED_KEYS_PER_MINUTE = 100


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Built once by bootstrap, kept in `app.state.context`. `running`: writes under an `Idempotency-Key` in work."""

    settings: Settings
    clock: Clock
    database: Database
    knowledge: KnowledgeBase
    requests: MinuteLimit
    failed_keys: MinuteLimit
    policies: Policies
    running: set[tuple[int, str]] = field(default_factory=set)

    @property
    def rulebook(self) -> Rulebook:
        return self.policies.rulebook

    @property
    def language(self) -> str:
        """That of reasons, for staff."""
        return self.policies.language


def make_context(
    settings: Settings, clock: Clock, database: Database, knowledge: KnowledgeBase, policies: Policies
) -> ApiContext:
    return ApiContext(
        settings=settings,
        clock=clock,
        database=database,
        knowledge=knowledge,
        requests=MinuteLimit(clock, REQUESTS_PER_MINUTE, "requests"),
        failed_keys=MinuteLimit(clock, FAILED_KEYS_PER_MINUTE, "wrong keys"),
        policies=policies,
    )


def api_context(request: Request) -> ApiContext:
    context = request.app.state.context
    assert isinstance(context, ApiContext)
    return context


Context = Annotated[ApiContext, Depends(api_context)]


async def read_session(context: Context) -> AsyncIterator[ReadSession]:
    async with context.database.read() as session:
        yield session


#: Closed before the answer goes out, so that a slow reader holds no connection.
Reading = Annotated[ReadSession, Depends(read_session, scope="function")]

_BEARER = HTTPBearer(auto_error=False, description="The key that `kefu staff add NAME --role ROLE` showed.")


def address_of(request: Request) -> str:
    """Where the request comes from, as the nearest trusted proxy says."""
    return request.client.host if request.client else "unknown"


async def current_actor(
    request: Request, context: Context, _documented: Annotated[Any, Depends(_BEARER)] = None
) -> Actor:
    """Whose key the request carries.

    Raises:
        Unauthorised: none, or one that opens nothing.
        LimitExceeded: too many wrong keys from that address, or too many requests with this key.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorised("send your key as `Authorization: Bearer KEY`")
    async with context.database.read() as session:
        actor = await staff_service.authenticate(session, key.strip())
    if actor is None:
        context.failed_keys.spend(address_of(request))
        raise Unauthorised("this key opens nothing; `kefu staff key NAME` makes a new one")
    context.requests.spend(actor.id)
    return actor


Caller = Annotated[Actor, Depends(current_actor)]


def allowed(action: Action) -> Any:
    """The dependency of a route that does `action`; whose object it is, is checked where the object is known."""

    async def check(actor: Caller) -> Actor:
        if not may(actor, action):
            raise NotAllowed(f"{actor.name} ({actor.role.value}) may not do {action.value}")
        return actor

    return Depends(_named(check, action))


def _named(check: Callable[..., Any], action: Action) -> Callable[..., Any]:
    """Marks the dependency, so that a test can ask each route which row of the permission table it uses."""
    check.__dict__["action"] = action
    return check

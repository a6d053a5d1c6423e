"""People and other systems that work with the shop: roles, teams, keys, and who is there."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page
from admin.api.fields import Body, Language, ShortLine, plain_line
from admin.api.orders import Instant
from admin.api.working import Working
from admin.api.writing import ApiRoute, Writing
from admin.links import telegram_url
from conversations.channels import TELEGRAM
from conversations.desk import leaving
from core.database import ReadSession
from staff import availability, linking, service, teams
from staff.availability import state_of
from staff.models import Agent
from staff.permissions import Action
from staff.service import AgentChange
from staff.values import Availability, Role

router = APIRouter(prefix="/staff", tags=["staff"], route_class=ApiRoute)

_READ, _EDIT, _SELF = [allowed(Action.READ_STAFF)], [allowed(Action.EDIT_STAFF)], [allowed(Action.BE_AT_WORK)]
_Name = Annotated[str, AfterValidator(plain_line), Path(min_length=1, max_length=80, alias="name", examples=["li"])]
_Capacity = Annotated[int, Field(ge=0, le=1000, description="Open tickets that are given at most; 0: none by itself.")]


class NewStaff(Body):
    """`own_ids`: a system whose customer ids are its own."""

    name: Annotated[ShortLine, Field(max_length=80, examples=["li"])]
    role: Role
    alias: Annotated[ShortLine | None, Field(max_length=80, examples=["小李"])] = None
    language: Language | None = None
    teams: list[ShortLine] = Field(default=[], max_length=100)
    capacity: _Capacity | None = None
    own_ids: bool = False


class StaffPatch(Body):
    """What is not named stays. `teams`: all of them."""

    role: Role | None = None
    alias: Annotated[ShortLine | None, Field(max_length=80)] = None
    language: Language | None = None
    teams: list[ShortLine] | None = Field(default=None, max_length=100)
    capacity: _Capacity | None = None


class Leaving(Body):
    """Who gets the tickets; null: back into the queue."""

    hand_over_to: ShortLine | None = Field(default=None, examples=["chen"])


class Presence(Body):
    """`until`: when an absence ends by itself."""

    state: Availability
    until: Instant | None = None


class StaffShape(BaseModel):
    """`alias` is the name that customers see; `state` whether new tickets may be given to them."""

    name: str = Field(examples=["li"])
    role: Role
    alias: str | None
    language: str | None
    teams: list[str]
    capacity: int | None
    state: Availability
    until: datetime | None
    telegram: bool = Field(description="Whether a Telegram account is joined.")
    own_ids: bool
    disabled: bool
    created_at: datetime


class StaffWithKey(StaffShape):
    """`key` is shown this once."""

    key: str


class TelegramLink(BaseModel):
    """Open `url` with your Telegram account, or send `/start CODE` to the bot. `url` is null while Telegram is off."""

    code: str
    url: str | None = Field(examples=["https://t.me/tea_bot?start=staff_abc"])
    expires_at: datetime


@router.get("", summary="List staff", dependencies=_READ)
async def list_staff(session: Reading, context: Context) -> Page[StaffShape]:
    """Everybody, by name."""
    found = await service.list_agents(session)
    return Page(items=[await staff_shape(session, agent, context.clock.now()) for agent in found], next_cursor=None)


@router.post("", status_code=201, summary="Add somebody", dependencies=_EDIT)
async def add(session: Writing, actor: Caller, context: Context, body: NewStaff) -> StaffWithKey:
    """A person or another system; the key is shown this once."""
    now = context.clock.now()
    agent, key = await service.add_agent(
        session, body.name, body.role, by=actor.name, now=now, alias=body.alias, own_ids=body.own_ids
    )
    agent.language, agent.capacity = body.language, body.capacity
    if body.teams:
        await teams.set_teams(session, agent, body.teams, by=actor.name, now=now)
    return await _with_key(session, agent, key, now)


@router.get("/me", summary="Show yourself", dependencies=_SELF)
async def show_me(session: Reading, actor: Caller, context: Context) -> StaffShape:
    return await staff_shape(session, await service.get_agent(session, actor.name), context.clock.now())


@router.put("/me/availability", summary="Be there, or away", dependencies=_SELF)
async def be(session: Writing, actor: Caller, context: Context, body: Presence) -> StaffShape:
    """Away: no new tickets until you are back; of yours, what falls due meanwhile goes back into the queue."""
    now = context.clock.now()
    agent = await availability.set_state(session, actor.name, body.state, body.until, by=actor.name, now=now)
    return await staff_shape(session, agent, now)


@router.post("/me/telegram-link", status_code=201, summary="Join your Telegram account", dependencies=_SELF)
async def link(session: Writing, actor: Caller, context: Context) -> TelegramLink:
    """A one-time code, good for an hour."""
    made = await linking.start(session, actor.name, by=actor.name, now=context.clock.now())
    return TelegramLink(code=made.code, url=await telegram_url(session, made.code), expires_at=made.expires_at)


@router.patch("/{name}", summary="Change somebody", dependencies=_EDIT)
async def change(session: Writing, actor: Caller, context: Context, name: _Name, body: StaffPatch) -> StaffShape:
    now = context.clock.now()
    wanted = AgentChange(body.role, body.alias, body.language, body.capacity)
    agent = await service.change_agent(session, name, wanted, by=actor.name, now=now)
    if body.teams is not None:
        await teams.set_teams(session, agent, body.teams, by=actor.name, now=now)
    return await staff_shape(session, agent, now)


@router.post("/{name}/key", summary="Make a new key", dependencies=_EDIT)
async def new_key(session: Writing, actor: Caller, context: Context, name: _Name) -> StaffWithKey:
    """The old one ends at once; the new one is shown this once."""
    now = context.clock.now()
    agent, key = await service.replace_key(session, name, by=actor.name, now=now)
    return await _with_key(session, agent, key, now)


@router.post("/{name}/disable", summary="End somebody's access", dependencies=_EDIT)
async def disable(work: Working, name: _Name, body: Leaving | None = None) -> StaffShape:
    """At once. Their tickets go to `hand_over_to`, or back into the queue with a note."""
    await leaving.disable(work, name, body.hand_over_to if body else None)
    return await staff_shape(work.session, await service.get_agent(work.session, name), work.now)


async def staff_shape(session: ReadSession, agent: Agent, now: datetime) -> StaffShape:
    state = state_of(agent, now)
    return StaffShape(
        name=agent.name,
        role=agent.role,
        alias=agent.alias,
        language=agent.language,
        teams=list(await teams.teams_of(session, agent.id)),
        capacity=agent.capacity,
        state=state,
        until=agent.away_until if state is Availability.AWAY else None,
        telegram=await is_on_telegram(session, agent.id),
        own_ids=agent.own_ids,
        disabled=agent.disabled_at is not None,
        created_at=agent.created_at,
    )


async def _with_key(session: ReadSession, agent: Agent, key: str, now: datetime) -> StaffWithKey:
    return StaffWithKey(**(await staff_shape(session, agent, now)).model_dump(), key=key)


async def is_on_telegram(session: ReadSession, agent_id: int) -> bool:
    """Whether a Telegram account of theirs is joined."""
    return any(one.account.startswith(TELEGRAM) for one in await linking.list_addresses(session, agent_id))

"""People and systems that work with the shop, and their keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import hash_token, new_token
from staff import audit
from staff.models import Agent, ApiKey
from staff.values import Actor, Role

KEY_PREFIX = "kefu_"
_HINT_LENGTH = 10
_NAME_LENGTH = 80
#: What stands for somebody where a name is asked for.
_RESERVED = ("me", "none")


async def add_agent(
    session: WriteSession,
    name: str,
    role: Role,
    *,
    by: str,
    now: datetime,
    alias: str | None = None,
    own_ids: bool = False,
) -> tuple[Agent, str]:
    """A new person or system with its first key, which is shown this once.

    Raises:
        InvalidInput: no usable name, or own ids for somebody who is no system.
        Conflict: the name is taken.
    """
    name = name.strip()
    if not name or len(name) > _NAME_LENGTH or not name.isprintable() or any(mark in name for mark in ":/"):
        raise InvalidInput(f"a name has 1 to {_NAME_LENGTH} visible characters, without : and /", {"name": "invalid"})
    if name in _RESERVED:
        raise InvalidInput(f"{name!r} stands for somebody else; choose another name", {"name": "is reserved"})
    if own_ids and role is not Role.CHANNEL:
        raise InvalidInput("own ids are for other systems: use the role channel", {"own_ids": "only for channel"})
    if await find_agent(session, name):
        raise Conflict(f"there is a {name!r} already; choose another name, or make a new key for it")
    agent = Agent(name=name, role=role, alias=alias, own_ids=own_ids, created_at=now)
    session.add(agent)
    await session.flush()
    audit.record(session, actor=by, action="staff.add", object=f"agent:{name}", now=now, changes={"role": (None, role)})
    return agent, await _add_key(session, agent, now)


async def replace_key(session: WriteSession, name: str, *, by: str, now: datetime) -> tuple[Agent, str]:
    """A new key for `name`; the old ones end at once."""
    agent = await get_agent(session, name)
    if agent.disabled_at is not None:
        raise Conflict(f"{name!r} is disabled")
    await _revoke_keys(session, agent, now)
    audit.record(session, actor=by, action="staff.key", object=f"agent:{name}", now=now)
    return agent, await _add_key(session, agent, now)


async def disable(session: WriteSession, name: str, *, by: str, now: datetime) -> Agent:
    """Ends all access of `name` at once."""
    agent = await get_agent(session, name)
    if agent.disabled_at is None:
        agent.disabled_at = now
        await _revoke_keys(session, agent, now)
        audit.record(session, actor=by, action="staff.disable", object=f"agent:{name}", now=now)
    return agent


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What an admin changes of somebody; what is None stays. `capacity` 0: nothing is given to them by itself."""

    role: Role | None = None
    alias: str | None = None
    language: str | None = None
    capacity: int | None = None


async def change_agent(session: WriteSession, name: str, change: AgentChange, *, by: str, now: datetime) -> Agent:
    """Raises NotFound; InvalidInput: a system does not become a person, nor a person a system."""
    agent = await get_agent(session, name)
    if change.role is not None and Role.CHANNEL in (change.role, agent.role) and change.role is not agent.role:
        raise InvalidInput("a system stays a system, and a person a person; add another one", {"role": "cannot change"})
    wanted = {field: getattr(change, field) for field in AgentChange.__slots__}
    changed = {
        field: (getattr(agent, field), value)
        for field, value in wanted.items()
        if value is not None and getattr(agent, field) != value
    }
    for field, (_before, value) in changed.items():
        setattr(agent, field, value)
    if changed:
        audit.record(session, actor=by, action="staff.change", object=f"agent:{name}", now=now, changes=changed)
    await session.flush()
    return agent


async def authenticate(session: ReadSession, key: str) -> Actor | None:
    """Whose key this is; None for one that is wrong, ended, or belongs to somebody disabled."""
    statement = (
        select(Agent)
        .join(ApiKey, ApiKey.agent_id == Agent.id)
        .where(ApiKey.key_hash == hash_token(key), ApiKey.revoked_at.is_(None), Agent.disabled_at.is_(None))
    )
    agent = await session.scalar(statement)
    return as_actor(agent) if agent else None


async def list_agents(session: ReadSession) -> list[Agent]:
    return list(await session.scalars(select(Agent).order_by(Agent.name)))


async def find_agent(session: ReadSession, name: str) -> Agent | None:
    return await session.scalar(select(Agent).where(Agent.name == name))


async def get_agent(session: ReadSession, name: str) -> Agent:
    agent = await find_agent(session, name)
    if agent is None:
        raise NotFound(f"nobody is called {name!r}; `kefu staff list` shows everybody")
    return agent


def as_actor(agent: Agent) -> Actor:
    return Actor(id=agent.id, name=agent.name, role=agent.role, alias=agent.alias, own_ids=agent.own_ids)


async def _add_key(session: WriteSession, agent: Agent, now: datetime) -> str:
    key = new_token(KEY_PREFIX)
    session.add(ApiKey(agent_id=agent.id, key_hash=hash_token(key), hint=key[:_HINT_LENGTH], created_at=now))
    await session.flush()
    return key


async def _revoke_keys(session: WriteSession, agent: Agent, now: datetime) -> None:
    await session.execute(
        update(ApiKey).where(ApiKey.agent_id == agent.id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)
    )

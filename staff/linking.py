"""Joining an agent with their own account on a channel, by a one-time code. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import hash_token, new_token
from staff import audit, service
from staff.models import Agent, AgentAddress, AgentLink
from staff.values import Role

LASTS = timedelta(hours=1)
#: Tells such a code from a customer's.
PREFIX = "staff_"


class LinkInvalid(NotFound):
    """No such code, or it was used or is too old."""

    code = "link_invalid"


class AddressTaken(Conflict):
    """The account on the channel is another agent's."""

    code = "address_taken"


@dataclass(frozen=True, slots=True)
class MadeLink:
    """`code` is shown this once."""

    code: str
    expires_at: datetime


async def start(session: WriteSession, name: str, *, by: str, now: datetime) -> MadeLink:
    """A code for `name`; an older one ends.

    Raises:
        NotFound
        InvalidInput: another system, or somebody who is disabled.
    """
    agent = await service.get_agent(session, name)
    if agent.role is Role.CHANNEL or agent.disabled_at is not None:
        raise InvalidInput(f"{name} does not answer customers", {"name": "does not answer customers"})
    open_links = select(AgentLink).where(AgentLink.agent_id == agent.id, AgentLink.used_at.is_(None))
    for link in await session.scalars(open_links):
        link.expires_at = min(link.expires_at, now)
    code = new_token(PREFIX)
    expires_at = now + LASTS
    session.add(AgentLink(agent_id=agent.id, code_hash=hash_token(code), created_at=now, expires_at=expires_at))
    audit.record(session, actor=by, action="staff.link", object=f"agent:{name}", now=now)
    await session.flush()
    return MadeLink(code, expires_at)


async def redeem(session: WriteSession, account: str, external_id: str, code: str, now: datetime) -> Agent:
    """Whoever brings the code from `external_id` on `account` is its agent from now on.

    Raises:
        LinkInvalid, AddressTaken
    """
    query = select(AgentLink).where(AgentLink.code_hash == hash_token(code)).with_for_update()
    link = await session.scalar(query)
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkInvalid("this code is not valid any more; ask an admin for a new one")
    agent = await session.get_one(Agent, link.agent_id)
    known = await find_agent(session, account, external_id)
    if known is not None and known.id != agent.id:
        raise AddressTaken(f"this account is {known.name}'s already")
    link.used_at = now
    if known is None:
        session.add(AgentAddress(agent_id=agent.id, account=account, external_id=external_id, linked_at=now))
    audit.record(session, actor=agent.name, action="staff.linked", object=f"agent:{agent.name}", now=now)
    await session.flush()
    return agent


async def find_agent(session: ReadSession, account: str, external_id: str) -> Agent | None:
    """The agent who works from there, unless they were disabled."""
    query = select(Agent).join(AgentAddress, AgentAddress.agent_id == Agent.id)
    query = query.where(AgentAddress.account == account, AgentAddress.external_id == external_id)
    return await session.scalar(query.where(Agent.disabled_at.is_(None)))


async def list_addresses(session: ReadSession, agent_id: int) -> list[AgentAddress]:
    query = select(AgentAddress).where(AgentAddress.agent_id == agent_id).order_by(AgentAddress.id)
    return list(await session.scalars(query))

"""Who was seen in a desk's group and does not work here: they read what customers write. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from bot.telegram.models import DeskStranger
from conversations.values import DeskSaid, Visitor
from core.database import ReadSession, WriteSession, upsert_ignore
from staff import linking
from staff.models import Agent, AgentAddress

#: Whoever was not seen for so long is forgotten.
_KEPT = timedelta(days=90)


async def note(session: WriteSession, account: str, said: DeskSaid, now: datetime) -> None:
    """Remembers who wrote or came and is no colleague; whoever left is forgotten."""
    if said.left is not None:
        await _forget(session, account, said.group, said.left.external_id)
    seen = [*said.joined, *([] if said.anonymous or said.left else [said.visitor])]
    for who in seen:
        if await linking.find_agent(session, account, who.external_id) is None:
            await _remember(session, account, said.group, who, now)
        else:
            await _forget(session, account, said.group, who.external_id)


async def _remember(session: WriteSession, account: str, chat: str, who: Visitor, now: datetime) -> None:
    of_them = {"account": account, "chat": chat, "external_id": who.external_id}
    seen = {"name": who.name, "seen_at": now}
    insert = upsert_ignore(DeskStranger, session.get_bind().dialect.name)
    await session.execute(insert.values(**of_them, **seen))
    await session.execute(update(DeskStranger).filter_by(**of_them).values(**seen))
    await session.execute(delete(DeskStranger).where(DeskStranger.seen_at < now - _KEPT))


async def _forget(session: WriteSession, account: str, chat: str, external_id: str) -> None:
    them = delete(DeskStranger).filter_by(account=account, chat=chat, external_id=external_id)
    await session.execute(them)


async def list_all(session: ReadSession, account: str, chat: str) -> Sequence[Visitor]:
    """Those who are linked with nobody by now either; and former colleagues, who may still be there."""
    known = select(AgentAddress.external_id).where(AgentAddress.account == account)
    strangers = select(DeskStranger).where(DeskStranger.account == account, DeskStranger.chat == chat)
    rows = await session.scalars(strangers.where(DeskStranger.external_id.not_in(known)).order_by(DeskStranger.id))
    seen = [Visitor(external_id=row.external_id, name=row.name) for row in rows]
    former = (
        select(AgentAddress.external_id, Agent.name)
        .join(Agent, Agent.id == AgentAddress.agent_id)
        .where(AgentAddress.account == account, Agent.disabled_at.is_not(None))
    )
    return [*seen, *(Visitor(external_id=row.external_id, name=row.name) for row in await session.execute(former))]

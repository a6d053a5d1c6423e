"""Which groups are desks now, and which one a case stands in. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.telegram.models import DeskGroup, DeskStranger, DeskTopic
from bot.telegram.moved_chats import MOVED
from conversations.models import Account
from core.database import ReadSession, WriteSession, upsert_ignore
from staff import desks


async def find(session: ReadSession, account: str, chat: str) -> DeskGroup | None:
    """The group, if it is a desk."""
    return await session.scalar(select(DeskGroup).where(DeskGroup.account == account, DeskGroup.chat == chat))


async def list_all(session: ReadSession, account: str) -> list[DeskGroup]:
    return list(await session.scalars(select(DeskGroup).where(DeskGroup.account == account).order_by(DeskGroup.id)))


async def wanted(session: ReadSession, account: str, chat_set: int | None) -> list[str]:
    """The chats that are desks: the one of the settings, else those that were claimed."""
    if chat_set is not None:
        row = await session.get(Account, account)
        moved: dict[str, str] = row.data.get(MOVED, {}) if row else {}
        return [moved.get(str(chat_set), str(chat_set))]
    return [desk.chat for desk in await desks.list_claimed(session, account) if desk.chat is not None]


async def sync(session: WriteSession, account: str, chat_set: int | None, now: datetime) -> list[DeskGroup]:
    """Brings the groups in line with what was claimed and set; what stood in a group that is none stands elsewhere."""
    chats = await wanted(session, account, chat_set)
    known = {group.chat for group in await list_all(session, account)}
    for chat in chats:
        if chat not in known:
            await open_group(session, account, chat, now)
    gone = known - set(chats)
    if gone:
        of_gone = (DeskGroup.account == account, DeskGroup.chat.in_(gone))
        await session.execute(delete(DeskGroup).where(*of_gone))
        await session.execute(delete(DeskStranger).where(DeskStranger.account == account, DeskStranger.chat.in_(gone)))
    if chats:
        await _move_in(session, account, chats)
    return await list_all(session, account)


async def open_group(session: WriteSession, account: str, chat: str, now: datetime) -> None:
    """Known already: it is looked at again."""
    insert = upsert_ignore(DeskGroup, session.get_bind().dialect.name)
    await session.execute(insert.values(account=account, chat=chat, created_at=now, lacks=[], has_topics=False))
    of_group = (DeskGroup.account == account, DeskGroup.chat == chat)
    await session.execute(update(DeskGroup).where(*of_group).values(looked_at=None))


async def _move_in(session: WriteSession, account: str, chats: Sequence[str]) -> None:
    """Cases of groups that are no desks any more."""
    homeless = select(DeskTopic).where(DeskTopic.account == account, DeskTopic.chat.not_in(chats))
    for topic in await session.scalars(homeless):
        topic.chat = choose(chats, topic.ticket_id)
        topic.thread = topic.card = topic.card_print = topic.title_print = None
        topic.is_closed = False
    await session.flush()


def choose(chats: Sequence[str], ticket_id: int) -> str:
    """Several groups share the cases, and with them Telegram's limit on each."""
    return chats[ticket_id % len(chats)]

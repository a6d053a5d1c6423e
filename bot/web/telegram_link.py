"""A deep link into Telegram that carries a web conversation on."""

from datetime import datetime

from sqlalchemy import select

from bot.web.models import WebSession
from conversations.channels import TELEGRAM
from conversations.models import Account, Conversation
from core.database import ReadSession, WriteSession
from core.errors import Conflict
from customers.codes import start_link
from customers.models import ChannelIdentity
from customers.values import CodePurpose


class NoTelegram(Conflict):
    """The shop has no Telegram bot."""

    code = "no_telegram"


async def telegram_link(session: WriteSession, found: WebSession, now: datetime) -> str:
    """`https://t.me/BOT?start=CODE`: whoever opens it first, within 15 minutes, is this visitor there too.

    What waits for an answer goes along.

    Raises:
        NoTelegram
    """
    bot = await find_bot(session)
    if bot is None:
        raise NoTelegram("this shop is not on Telegram")
    conversation = await session.get_one(Conversation, found.conversation_id)
    identity = await session.get_one(ChannelIdentity, conversation.identity_id)
    made = await start_link(session, identity, now, CodePurpose.CARRY)
    return f"https://t.me/{bot}?start={made.code}"


async def find_bot(session: ReadSession) -> str | None:
    """The bot's name on Telegram."""
    query = select(Account.name).where(Account.channel == TELEGRAM).order_by(Account.created_at.desc()).limit(1)
    name = await session.scalar(query)
    return name.partition(":")[2] if name else None

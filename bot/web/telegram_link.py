"""A deep link into Telegram that carries a web conversation on."""

from datetime import datetime

from admin.links import NoTelegram, bot_url, find_bot
from bot.web.models import WebSession
from conversations.models import Conversation
from core.database import WriteSession
from customers.codes import start_link
from customers.models import ChannelIdentity
from customers.values import CodePurpose


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
    return bot_url(bot, made.code)

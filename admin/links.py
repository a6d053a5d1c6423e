"""Links that carry a code: to the shop's Telegram bot where there is one, else to its own page."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from conversations.channels import TELEGRAM
from conversations.models import Account
from core.database import ReadSession, WriteSession
from core.errors import Conflict
from core.settings import Settings
from customers import codes


class NoTelegram(Conflict):
    """The shop has no Telegram bot."""

    code = "no_telegram"


class InviteShape(BaseModel):
    """`url` is null when neither a bot nor a public address is set; the code can be typed after /start or /link."""

    url: str | None = Field(examples=["https://t.me/tea_bot?start=7KQ2M..."])
    code: str
    expires_at: datetime


async def invite(session: WriteSession, settings: Settings, customer_id: int, *, by: str, now: datetime) -> InviteShape:
    new = await codes.invite(session, customer_id, by=by, now=now)
    return InviteShape(url=await link_for(session, settings, new.code), code=new.code, expires_at=new.expires_at)


async def link_for(session: ReadSession, settings: Settings, code: str) -> str | None:
    """The address at which whoever brings the code is recognised."""
    url = await telegram_url(session, code)
    return url or (f"{settings.public_url}/#code={code}" if settings.public_url else None)


async def telegram_url(session: ReadSession, code: str) -> str | None:
    """The address that brings the code to the bot; None while Telegram is off."""
    bot = await find_bot(session)
    return bot_url(bot, code) if bot else None


def bot_url(bot: str, code: str) -> str:
    return f"https://t.me/{bot}?start={code}"


async def find_bot(session: ReadSession) -> str | None:
    """The bot's name on Telegram."""
    query = select(Account.name).where(Account.channel == TELEGRAM).order_by(Account.created_at.desc()).limit(1)
    name = await session.scalar(query)
    return name.partition(":")[2] if name else None

"""Links that carry a code: to the shop's Telegram bot where there is one, else to its own page."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from conversations.channels import TELEGRAM
from conversations.models import Account
from core.database import ReadSession, WriteSession
from core.errors import Conflict, InvalidInput
from core.settings import Settings
from customers import codes
from customers.orders import find_order
from customers.service import get_customer


class NoTelegram(Conflict):
    """The shop has no Telegram bot."""

    code = "no_telegram"


class InviteShape(BaseModel):
    """`url` is null when neither a bot nor a public address is set; the code can be typed after /start or /link."""

    url: str | None = Field(examples=["https://t.me/tea_bot?start=7KQ2M..."])
    code: str
    expires_at: datetime


async def invite(
    session: WriteSession, settings: Settings, customer_id: int, *, by: str, now: datetime, order: str | None = None
) -> InviteShape:
    """`order`: its number; whoever opens the link is told where it is. Raises InvalidInput: it is not theirs."""
    order_id = await _order_of(session, customer_id, order) if order else None
    new = await codes.invite(session, customer_id, by=by, now=now, order_id=order_id)
    return InviteShape(url=await link_for(session, settings, new.code), code=new.code, expires_at=new.expires_at)


async def _order_of(session: WriteSession, customer_id: int, number: str) -> int:
    customer, order = await get_customer(session, customer_id), await find_order(session, number)
    if order is None or order.customer_id != customer.id:
        raise InvalidInput(f"order {number!r} is not this customer's", {"order": "is not this customer's"})
    return order.id


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

"""Personal links that recognise a customer: by Telegram where there is a bot, else by the shop's own page."""

from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import select

from conversations.channels import TELEGRAM
from conversations.models import Account
from core.database import ReadSession, WriteSession
from core.settings import Settings
from customers import codes


class InviteShape(BaseModel):
    """`url` is null when neither a bot nor a public address is set; the code can be typed after /start or /link."""

    url: str | None = Field(examples=["https://t.me/tea_bot?start=7KQ2M..."])
    code: str
    expires_at: datetime


async def invite(session: WriteSession, settings: Settings, customer_id: int, *, by: str, now: datetime) -> InviteShape:
    new = await codes.invite(session, customer_id, by=by, now=now)
    return InviteShape(url=await link_for(session, settings, new.code), code=new.code, expires_at=new.expires_at)


async def link_for(session: ReadSession, settings: Settings, code: str) -> str | None:
    query = select(Account.name).where(Account.channel == TELEGRAM).order_by(Account.created_at.desc()).limit(1)
    account = await session.scalar(query)
    if account is not None:
        return f"https://t.me/{account.partition(':')[2]}?start={code}"
    return f"{settings.public_url}/#code={code}" if settings.public_url else None

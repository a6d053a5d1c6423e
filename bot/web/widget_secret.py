"""The key with which the shop's server signs who is logged in. Made by Kefu, kept encrypted."""

from datetime import datetime

from bot.web.sessions import ACCOUNT
from conversations import repository
from conversations.channels import WEB
from conversations.models import Account
from core.database import ReadSession, WriteSession
from core.ids import new_token
from core.secretbox import SecretBox
from staff import audit

_KEPT_AS = "widget_secret"
PREFIX = "kefu_widget_"


async def read_secret(session: ReadSession, box: SecretBox) -> str | None:
    """None: nobody has asked for one yet, so that no signature can be right."""
    account = await session.get(Account, ACCOUNT)
    kept = account.data.get(_KEPT_AS) if account else None
    return box.decrypt(kept) if kept else None


async def ensure_secret(session: WriteSession, box: SecretBox, *, by: str, now: datetime, rotate: bool = False) -> str:
    """The key, made at the first call. `rotate`: a new one; what the old one signs is refused from now on."""
    await repository.ensure_account(session, ACCOUNT, WEB, now)
    account = await session.get_one(Account, ACCOUNT, with_for_update=True)
    kept = account.data.get(_KEPT_AS)
    if kept and not rotate:
        return box.decrypt(kept)
    secret = new_token(PREFIX)
    account.data = account.data | {_KEPT_AS: box.encrypt(secret)}
    audit.record(session, actor=by, action="widget.secret", object="account:web", now=now)
    await session.flush()
    return secret

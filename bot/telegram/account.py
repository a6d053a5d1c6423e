"""The bot's account in the database: its name, and the secret that Telegram shows at the webhook."""

from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User
from sqlalchemy import select

from conversations import repository
from conversations.channels import TELEGRAM
from conversations.models import Account
from core.clock import Clock
from core.database import Database, WriteSession
from core.errors import Conflict
from core.ids import new_token
from core.secretbox import SecretBox

log = structlog.get_logger(__name__)

_WRONG_TOKEN = (
    "KEFU_TELEGRAM_TOKEN: Telegram does not know this token; ask @BotFather for the current one (/mybots, API Token)"
)


@dataclass(frozen=True, slots=True)
class BotAccount:
    """`name` as in the contract: `telegram:BOT`."""

    name: str
    webhook_secret: str


async def open_account(bot: Bot, database: Database, clock: Clock, box: SecretBox) -> BotAccount:
    """The account of the bot, made at the first start. Later starts need no answer from Telegram.

    Raises:
        Conflict: the token is wrong, or Telegram cannot be reached at the very first start.
    """
    name = await find_name(bot, database) or await _ask_name(bot)
    async with database.write() as session:
        await repository.ensure_account(session, name, TELEGRAM, clock.now())
        account = await session.get_one(Account, name, with_for_update=True)
        secret = await _secret(session, account, bot.id, box)
    return BotAccount(name, secret)


async def find_name(bot: Bot, database: Database) -> str | None:
    """The name of the bot's account, which stays what it was at the first start; None before it."""
    async with database.read() as session:
        for account in await session.scalars(select(Account).where(Account.channel == TELEGRAM)):
            if account.data.get("bot_id") == bot.id:
                return account.name
    return None


async def _ask_name(bot: Bot) -> str:
    try:
        me = await bot.get_me()
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise Conflict(_WRONG_TOKEN) from None
    except AiogramError as error:
        raise Conflict(
            f"Telegram cannot be reached ({type(error).__name__}), and this bot's name is not known yet:"
            " check the network, a proxy, or KEFU_TELEGRAM_API_URL"
        ) from None
    return first_name(me)


def first_name(me: User) -> str:
    """What the account of a bot that was never started here will be called."""
    return f"{TELEGRAM}:{me.username or me.id}"


async def _secret(session: WriteSession, account: Account, bot_id: int, box: SecretBox) -> str:
    """Kept encrypted; made when there is none yet."""
    kept = account.data.get("webhook_secret")
    if kept and account.data.get("bot_id") == bot_id:
        return box.decrypt(kept)
    secret = new_token()
    account.data = account.data | {"bot_id": bot_id, "webhook_secret": box.encrypt(secret)}
    await session.flush()
    return secret

"""Looks at the Telegram side of an installation, and says what to do where something is wrong."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetChat, GetChatMember
from aiogram.types import User, WebhookInfo
from sqlalchemy import func, select

from bot.health.findings import Finding
from bot.telegram.account import find_name, first_name
from bot.telegram.desk import groups
from bot.telegram.desk.examination import of_people, of_posts
from bot.telegram.desk.rights import Rights, lacks_of
from bot.telegram.models import StrayGroup
from bot.telegram.webhook import PATH
from core.clock import Clock
from core.database import Database
from core.settings import Settings, TelegramMode
from staff.models import AgentAddress

_LATELY = timedelta(minutes=10)
_MANY_WAITING = 100
_TOKEN = "telegram token"
_WEBHOOK = "telegram webhook"
_PRIVACY = "telegram privacy mode"
_RIGHTS = "telegram rights"
_DESK = "telegram desk"


async def examine(bot: Bot, settings: Settings, database: Database, clock: Clock) -> AsyncIterator[Finding]:
    """Token, webhook, privacy mode, rights and the desk; without a good token there is nothing more to see."""
    try:
        me = await bot.get_me()
    except AiogramError as error:
        yield _no_line(error)
        return
    yield Finding(_TOKEN, True, f"@{me.username}")
    yield _of_webhook(await bot.get_webhook_info(), settings, clock.now())
    account = await find_name(bot, database) or first_name(me)
    async with database.read() as session:
        desks = await groups.wanted(session, account, settings.telegram_desk_chat_id)
    yield await _of_privacy_mode(bot, me, desks)
    yield _of_joining(me)
    async with database.read() as session:
        stray = (await session.scalars(select(StrayGroup).order_by(StrayGroup.id))).all()
    for group in stray:
        yield await _of_stray(bot, me, group)
    async for finding in _of_desks(bot, me, desks, account, database, clock):
        yield finding


def _no_line(error: AiogramError) -> Finding:
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        remedy = "ask @BotFather for the current token (/mybots, API Token) and set KEFU_TELEGRAM_TOKEN"
        return Finding(_TOKEN, False, "Telegram does not know it", remedy)
    kind = "cannot be reached" if isinstance(error, TelegramNetworkError) else "answers oddly"
    remedy = "check the network, a proxy or firewall, and KEFU_TELEGRAM_API_URL if it is set"
    return Finding(_TOKEN, False, f"Telegram {kind} ({type(error).__name__})", remedy)


def _of_webhook(info: WebhookInfo, settings: Settings, now: datetime) -> Finding:
    if settings.telegram_mode is TelegramMode.POLLING:
        remedy = "start Kefu, which takes it away; if it comes back, another program uses the token: get a new one"
        found = f"none, {info.pending_update_count} waiting" if not info.url else f"{info.url}, but the mode is polling"
        return Finding(_WEBHOOK, not info.url, found, remedy)
    wanted = f"{settings.public_url}{PATH}"
    if info.url != wanted:
        remedy = "start `kefu run`, which registers it; KEFU_PUBLIC_URL must be the address that the internet sees"
        return Finding(_WEBHOOK, False, f"Telegram posts to {info.url or 'nowhere'}, not to {wanted}", remedy)
    return _of_posts(info, now)


def _of_posts(info: WebhookInfo, now: datetime) -> Finding:
    """How Telegram's posts have fared lately."""
    failed_at = info.last_error_date
    if isinstance(failed_at, datetime) and now - failed_at < _LATELY:
        remedy = "let https requests to that address through to Kefu's port, with a certificate that is valid"
        return Finding(_WEBHOOK, False, f"Telegram reports: {info.last_error_message}", remedy)
    waiting = f"{info.url}, {info.pending_update_count} waiting"
    return Finding(_WEBHOOK, info.pending_update_count < _MANY_WAITING, waiting, "is `kefu run` running?")


async def _of_privacy_mode(bot: Bot, me: User, desks: Sequence[str]) -> Finding:
    """Either is well: with it on, the bot must be an administrator of the group where agents work."""
    if me.can_read_all_group_messages:
        return Finding(_PRIVACY, True, "off: the bot reads all messages of its groups")
    deaf = [chat for chat in desks if await _is_plain_member(bot, me, chat)]
    if not deaf:
        return Finding(_PRIVACY, True, "on: make the bot an administrator of the agents' group")
    remedy = "make the bot an administrator there; or @BotFather: /setprivacy, Disable, and put the bot in anew"
    return Finding(_PRIVACY, False, f"on: the bot hears only commands in desk {', '.join(deaf)}", remedy)


async def _is_plain_member(bot: Bot, me: User, chat: str) -> bool:
    try:
        return (await bot(GetChatMember(chat_id=int(chat), user_id=me.id))).status == "member"
    except AiogramError:  # what is wrong there is told with its rights
        return False


def _of_joining(me: User) -> Finding:
    remedy = "@BotFather: /setjoingroups, Enable; agents work in a group"
    found = "may join groups" if me.can_join_groups else "may not join groups"
    return Finding("telegram groups", bool(me.can_join_groups), found, remedy)


async def _of_stray(bot: Bot, me: User, group: StrayGroup) -> Finding:
    """A group that may be meant as the agents': what it lacks for that, and that nobody has claimed it."""
    found = await _of_group(bot, me, group.chat_id, group.title)
    return Finding(_RIGHTS, found.well, f"{found.found}; not claimed yet", found.remedy) if found.well else found


async def _of_group(bot: Bot, me: User, chat_id: str, title: str) -> Finding:
    """What the bot lacks in a group for agents to work there, and which switch gives it."""
    try:
        chat = await bot(GetChat(chat_id=int(chat_id)))
        member = await bot(GetChatMember(chat_id=int(chat_id), user_id=me.id))
    except AiogramError as error:
        return Finding(_RIGHTS, False, f"{title}: {type(error).__name__}", "put the bot into the group again")
    lacks = lacks_of(Rights.of(chat, member))
    found = f"{title}: {', '.join(_LACKS[lack] for lack in lacks) or 'all that is needed'}"
    return Finding(_RIGHTS, not lacks, found, "; ".join(_SWITCHES[lack] for lack in lacks))


_LACKS = {
    "topics": "no topics",
    "admin": "no administrator",
    "topic_right": "no right to topics",
    "pin_right": "no right to pin",
}
_SWITCHES = {
    "topics": "group settings: switch Topics on",
    "admin": "group settings, Administrators: add the bot, with Manage Topics and Pin Messages on",
    "topic_right": "the bot's administrator rights: switch Manage Topics on",
    "pin_right": "the bot's administrator rights: switch Pin Messages on",
}


async def _of_desks(
    bot: Bot, me: User, chats: Sequence[str], account: str, database: Database, clock: Clock
) -> AsyncIterator[Finding]:
    """The agents' groups: their switches, and whether anybody can work there."""
    if not chats:
        remedy = "agents can work on /admin; for a Telegram group: kefu desk code, and write /desk CODE there"
        yield Finding(_DESK, True, f"none; {remedy}")
        return
    for chat in chats:
        yield await _of_group(bot, me, chat, f"desk {chat}")
        async with database.read() as session:
            yield await of_posts(session, account, chat, clock.now())
            yield await of_people(bot, session, account, chat)
    async with database.read() as session:
        query = select(func.count()).select_from(AgentAddress).where(AgentAddress.account == account)
        linked = await session.scalar(query) or 0
    yield Finding(_DESK, linked > 0, f"agents linked: {linked}", "make each a link: kefu staff link NAME")

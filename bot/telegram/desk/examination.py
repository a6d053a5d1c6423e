"""What `kefu doctor` says of a desk's group beyond its switches: what does not reach it, and who reads along."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.methods import GetChatMember
from sqlalchemy import and_, or_, select

from bot.health.findings import Finding
from bot.telegram.desk import strangers
from bot.telegram.desk.payloads import BESIDE
from bot.telegram.desk.redoing import LATELY
from conversations.deliveries import OF_DESK
from conversations.models import Delivery
from conversations.repair import TROUBLED
from conversations.values import DeliveryState, Visitor
from core.database import ReadSession

_POSTS = "telegram desk posts"
_PEOPLE = "telegram desk people"
_LATER = "they are tried again by themselves"
_RIGHTS = "group settings, Administrators: give the bot its rights back; " + _LATER
_REMEDIES: Mapping[str, str] = {
    "no_rights": _RIGHTS,
    "forbidden": _RIGHTS,
    "kicked": "put the bot into the group again; " + _LATER,
    "not_found": "put the bot into the group again; " + _LATER,
    "topic_closed": "let the bot manage topics, or open the topic again; " + _LATER,
    "not_written": "Telegram is not reached: check the network; " + _LATER,
}
_NOBODY_KNOWS = "Telegram's answers do not come through: check the network; " + _LATER
_REFUSED = "`kefu outbox list` shows them; cards, titles and the board are tried again by themselves"
_GONE = ("left", "kicked")
_SHOWN = 20


async def of_posts(session: ReadSession, account: str, chat: str, now: datetime) -> Finding:
    """What waits for the group, or lately has not arrived there, and why."""
    has_failed = and_(Delivery.state == DeliveryState.PENDING, Delivery.because.is_not(None))
    query = select(Delivery.state, Delivery.because).where(
        Delivery.account == account,
        Delivery.lane.in_((chat, chat + BESIDE)),
        Delivery.kind.in_(OF_DESK),
        Delivery.due_at > now - LATELY,
        or_(Delivery.state.in_(TROUBLED), has_failed),
    )
    reasons = Counter(_reason(row.state, row.because) for row in await session.execute(query))
    if not reasons:
        return Finding(_POSTS, True, f"desk {chat}: all have arrived")
    counted = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    remedies = dict.fromkeys(_remedy(reason) for reason, _ in reasons.most_common())
    return Finding(_POSTS, False, f"desk {chat}: not there yet: {counted}", "; ".join(remedies))


def _reason(state: DeliveryState, because: str | None) -> str:
    is_known = state is DeliveryState.FAILED or because in _REMEDIES
    return because if is_known and because else "unknown"


def _remedy(reason: str) -> str:
    return _NOBODY_KNOWS if reason == "unknown" else _REMEDIES.get(reason, _REFUSED)


async def of_people(bot: Bot, session: ReadSession, account: str, chat: str) -> Finding:
    """Those whom Kefu has seen there and who do not work here, or no more; members read what customers write."""
    seen = await strangers.list_all(session, account, chat)
    there = [who for who in seen if await _is_there(bot, chat, who)]
    if not there:
        return Finding(_PEOPLE, True, f"desk {chat}: nobody but linked staff was seen")
    names = ", ".join(f"{who.name or 'somebody'} ({who.external_id})" for who in there[:_SHOWN])
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    remedy = "kefu staff link NAME for each who works here; remove the others from the group: they read all of it"
    return Finding(_PEOPLE, False, f"desk {chat}: not linked: {names}{more}", remedy)


async def _is_there(bot: Bot, chat: str, who: Visitor) -> bool:
    """What Telegram does not tell counts as yes."""
    try:
        member = await bot(GetChatMember(chat_id=int(chat), user_id=int(who.external_id)))
    except TelegramBadRequest:
        return False
    except AiogramError:
        return True
    return member.status not in _GONE

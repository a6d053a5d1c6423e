"""Ways back into a conversation: a one-time code, or the case's number with the contact that was left."""

import hmac
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Select, select

from bot.web import sessions
from bot.web.models import WebCode, WebContact
from bot.web.sessions import ACCOUNT, Browser, OpenedSession
from conversations.models import Conversation, Message
from core.database import ReadSession, WriteSession
from core.errors import NotFound
from core.ids import hash_token, new_token
from core.secretbox import SecretBox
from core.shop import read_shop
from customers.codes import check_tries, record_try
from customers.contacts import ContactInvalid, parse_email, parse_phone
from customers.models import ChannelIdentity, Customer
from tickets.models import id_of

CODE_LASTS = timedelta(hours=24)


class NoWayBack(NotFound):
    """The code is spent or wrong, or number and contact do not fit. Which one is told to nobody."""

    code = "no_way_back"


async def make_code(session: WriteSession, conversation_id: int, now: datetime) -> str:
    """A one-time code that opens the conversation in another browser within a day. Shown this once."""
    code = new_token()
    session.add(
        WebCode(
            code_hash=hash_token(code), conversation_id=conversation_id, created_at=now, expires_at=now + CODE_LASTS
        )
    )
    return code


async def by_code(session: WriteSession, box: SecretBox, code: str, browser: Browser, now: datetime) -> OpenedSession:
    """Raises NoWayBack."""
    query = select(WebCode).where(WebCode.code_hash == hash_token(code)).with_for_update()
    row = await session.scalar(query)
    if row is None or row.used_at is not None or row.expires_at <= now:
        raise NoWayBack("this link was used or has ended; ask for a new one where the conversation is open")
    row.used_at = now
    return await _open(session, box, row.conversation_id, browser, now)


async def must_have_tries(session: ReadSession, number: int, now: datetime) -> None:
    """Raises LimitExceeded after five wrong contacts for this case within a day."""
    await check_tries(session, (_subject(number),), now)


async def note_wrong_try(session: WriteSession, number: int, now: datetime) -> None:
    await record_try(session, (_subject(number),), now)


def _subject(number: int) -> str:
    return f"case:{number}"


async def by_case(
    session: WriteSession, box: SecretBox, number: int, contact: str, browser: Browser, now: datetime
) -> OpenedSession | None:
    """The case's web conversation for whoever knows its number and the contact left in it. None: they do not fit."""
    query = (
        select(Conversation.id, Customer.phone, Customer.email, WebContact.phone, WebContact.email)
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(WebContact, WebContact.conversation_id == Conversation.id)
        .where(Conversation.account == ACCOUNT, Conversation.id.in_(_conversations_about(number)))
        .order_by(Conversation.last_at.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    conversation_id, *known = row
    given = _tidy(contact, (await read_shop(session))[0].country).encode()
    if not any(hmac.compare_digest(one.encode(), given) for one in known if one):
        return None
    return await _open(session, box, conversation_id, browser, now)


def _conversations_about(number: int) -> Select[int]:
    return select(Message.conversation_id).where(Message.ticket_id == id_of(number)).distinct()


def _tidy(contact: str, country: str) -> str:
    """An e-mail address or a phone number in the form in which it is kept; what is neither, as it is.

    `country`: where numbers without + are from.
    """
    for parse in (parse_email, partial(parse_phone, country=country)):
        try:
            return parse(contact)
        except ContactInvalid:
            continue
    return contact.strip()


async def _open(
    session: WriteSession, box: SecretBox, conversation_id: int, browser: Browser, now: datetime
) -> OpenedSession:
    query = select(ChannelIdentity.external_id).join(Conversation, Conversation.identity_id == ChannelIdentity.id)
    visitor = (await session.scalars(query.where(Conversation.id == conversation_id))).one()
    return sessions.issue(session, box, visitor, conversation_id, browser, now)

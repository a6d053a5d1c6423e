"""Where an answer may be sent when the page is closed: left in the chat, seen by whoever answers."""

from datetime import datetime

from sqlalchemy import select

from bot.web.models import WebContact, WebSession
from conversations import repository, timeline
from conversations.models import Message
from conversations.texts import Texts
from conversations.values import Author, OutgoingMessage
from core.database import WriteSession
from core.shop import read_shop
from customers.contacts import parse_email, parse_phone


async def keep_contact(
    session: WriteSession, found: WebSession, email: str | None, phone: str | None, now: datetime
) -> None:
    """Keeps it with the conversation, and says so in it; the newest of each kind holds.

    Raises:
        ContactInvalid
    """
    facts, _sample = await read_shop(session)
    given = (parse_email(email) if email else None, parse_phone(phone, facts.country) if phone else None)
    thread = await repository.lock_thread(session, found.conversation_id)
    row = await _row(session, found.conversation_id, now)
    row.email, row.phone, row.at = given[0] or row.email, given[1] or row.phone, now
    shown = " ".join(one for one in given if one)
    timeline.append(session, thread.conversation, Message(author=Author.CUSTOMER, text=shown, at=now))
    voice = Texts.shipped().voice(thread.conversation.language or "zh", facts)
    await timeline.say(session, thread, OutgoingMessage(text=voice.say("web.contact_kept")), now)
    thread.conversation.version += 1


async def _row(session: WriteSession, conversation_id: int, now: datetime) -> WebContact:
    query = select(WebContact).where(WebContact.conversation_id == conversation_id).with_for_update()
    row = await session.scalar(query)
    if row is None:
        row = WebContact(conversation_id=conversation_id, at=now)
        session.add(row)
    return row

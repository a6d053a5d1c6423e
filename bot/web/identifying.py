"""A visitor whom the shop's site has signed in: their talk belongs to that customer's file from then on, visibly.

The browser gets a new token each time, so that a token that somebody planted there before is worth nothing; and each
signature opens one session, so that a copied one opens none.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from admin.api.errors import Unauthorised
from bot.web import sessions
from bot.web.models import WebSession
from bot.web.sessions import ACCOUNT, Browser, OpenedSession, Proof
from bot.web.signing import Signed, fault_of
from bot.web.widget_secret import read_secret
from conversations import repository, timeline
from conversations.models import Conversation
from conversations.texts import Texts
from conversations.threads import Thread
from conversations.values import MessageKind, OutgoingMessage, Owner
from core.database import ReadSession, WriteSession
from core.secretbox import SecretBox
from core.shop import read_shop
from customers import service
from customers.contacts import ContactInvalid, parse_email
from customers.identities import Newcomer, ensure_identity
from customers.merge import join_identity
from customers.models import ChannelIdentity, Customer


async def identify(
    session: WriteSession,
    box: SecretBox,
    signed: Signed,
    before: WebSession | None,
    browser: Browser,
    now: datetime,
) -> OpenedSession:
    """A session of the signed-in customer. `before`: the browser's session so far, which ends.

    Talk of an anonymous visitor joins the customer's file; talk of another customer does not.

    Raises:
        Unauthorised: the signature does not hold.
    """
    await _must_hold(session, box, signed, now)
    visited = await _identity_of(session, before)
    customer = await _customer(session, signed, browser, now)
    is_strangers = visited is not None and visited.verified and visited.customer_id != customer.id
    joining = None if is_strangers else visited
    had_talked = joining is not None and await _has_talked(session, joining)
    if joining is not None and not joining.verified:
        joining.verified = True
        await join_identity(session, joining, customer, now)
    thread = await _thread_of(session, signed, customer, joining.id if joining else 0, browser, now)
    if had_talked:
        await _say_it(session, thread, now)
    if before is not None:
        await sessions.revoke(session, before, now)
    proof = Proof(signed.id, signed.hash)
    visitor = thread.identity.external_id
    return sessions.issue(session, box, visitor, thread.conversation.id, browser, now, proof)


async def _must_hold(session: ReadSession, box: SecretBox, signed: Signed, now: datetime) -> None:
    secret = await read_secret(session, box)
    if secret is None:
        raise Unauthorised("this shop has no widget secret yet: kefu widget secret")
    if fault := fault_of(secret, signed, now):
        raise Unauthorised(fault)
    used = await session.scalar(select(WebSession.id).where(WebSession.proof_hash == signed.hash))
    if used is not None:
        raise Unauthorised("this signature was used already; sign again")


async def _identity_of(session: ReadSession, before: WebSession | None) -> ChannelIdentity | None:
    if before is None:
        return None
    conversation = await session.get_one(Conversation, before.conversation_id)
    return await session.get_one(ChannelIdentity, conversation.identity_id)


async def _customer(session: WriteSession, signed: Signed, browser: Browser, now: datetime) -> Customer:
    """The customer whom the shop knows by this number, made when it is new to us."""
    identity = await ensure_identity(session, _newcomer(signed, browser), now)
    customer = await service.get_customer(session, identity.customer_id)
    if signed.email and customer.email is None:
        with suppress(ContactInvalid):  # what the site says beside the number is not worth a refusal
            customer.email = parse_email(signed.email)
    await session.flush()
    return customer


def _newcomer(signed: Signed, browser: Browser) -> Newcomer:
    return Newcomer(
        account=ACCOUNT,
        external_id=f"user:{signed.id}",
        verified=True,
        customer_external_id=signed.id,
        name=signed.name,
        language=browser.language,
        timezone=browser.timezone,
    )


async def _has_talked(session: ReadSession, identity: ChannelIdentity) -> bool:
    query = select(Conversation.last_seq).where(Conversation.identity_id == identity.id)
    return bool(await session.scalar(query))


async def _thread_of(
    session: WriteSession, signed: Signed, customer: Customer, joining_id: int, browser: Browser, now: datetime
) -> Thread:
    """The one web conversation that all browsers of this customer share.

    One that a person has or is asked for; else the latest there was before; else the visitor's own; else a new one.
    """
    query = (
        select(Conversation.id)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .where(Conversation.account == ACCOUNT, Conversation.customer_id == customer.id, ChannelIdentity.verified)
        .order_by(Conversation.owner == Owner.BOT, Conversation.identity_id == joining_id, Conversation.last_at.desc())
        .limit(1)
    )
    found = await session.scalar(query)
    if found is None:
        newcomer = _newcomer(signed, browser)
        found = (await sessions.begin_conversation(session, newcomer, now)).id
    return await repository.lock_thread(session, found)


async def _say_it(session: WriteSession, thread: Thread, now: datetime) -> None:
    """The customer sees that what was said before the log-in was kept."""
    facts, _sample = await read_shop(session)
    voice = Texts.shipped().voice(thread.conversation.language or "zh", facts)
    said = OutgoingMessage(text=voice.say("web.joined"), kind=MessageKind.SERVICE)
    await timeline.say(session, thread, said, now)

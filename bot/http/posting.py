"""`POST /messages`: a customer's message in, the answer out. Synchronous for the caller, not for the shop: the message
is stored and committed first, then handled in its lane like any other.
"""

import hashlib
import json
from dataclasses import dataclass, field

from sqlalchemy import select

from admin.api.conversations import account_of
from admin.api.errors import Unavailable
from admin.api.file_links import FileLinks
from admin.api.files import uploader_of
from admin.api.shapes.message import message_shape
from admin.api.writing import Replayed, claim_key
from bot.http.shapes import PostedAnswer, PostedMessage
from bot.http.waiting import AnswerWaiter
from conversations import inbox, repository, sender_limits
from conversations.channels import HTTP
from conversations.inbox import Received
from conversations.models import InboxEvent
from conversations.sender_limits import Share
from conversations.uploads import Taker, attach
from conversations.values import InboxState, Pressed, Said, Visitor
from core.clock import Clock
from core.database import Database, WriteSession
from core.errors import Conflict, InvalidInput
from customers.identities import Newcomer, ensure_identity
from staff.values import Actor
from tickets.vouchers import VoucherCodes

ANSWER_SECONDS = 20.0


class MessageIdReused(InvalidInput):
    """The `message_id` was used for another message."""

    code = "message_id_reused"


class Dismissed(Conflict):
    """Staff gave the message up."""

    code = "dismissed"


@dataclass(slots=True)
class HttpDoor:
    """What other systems come in through. `is_closing` ends long polls; `codes` are put into what a voucher's owner
    reads.
    """

    database: Database
    clock: Clock
    waiter: AnswerWaiter
    messages_per_minute: int
    links: FileLinks
    codes: VoucherCodes
    answer_seconds: float = ANSWER_SECONDS
    is_closing: bool = False
    known_accounts: set[str] = field(default_factory=set)


async def post_message(door: HttpDoor, actor: Actor, posted: PostedMessage, key: str | None) -> PostedAnswer:
    """What the bot answers, at once or when the same message was posted before.

    Raises:
        MessageIdReused, LimitExceeded
        UploadNotFound: a file that is named is not this system's.
        Unavailable: nobody answered in time, or it could not be handled; it is kept.
        Dismissed: staff gave it up.
    """
    account = account_of(actor)
    received = await _receive(door, actor, account, posted, key)
    try:
        await door.waiter.wait(received.id, door.answer_seconds)
    except TimeoutError:
        raise Unavailable("no answer yet; your message is kept: ask again with the same message_id") from None
    return await _answer(door, account, posted.customer, received.id)


async def _receive(door: HttpDoor, actor: Actor, account: str, posted: PostedMessage, key: str | None) -> Received:
    async with door.database.write() as session:
        if key is not None:
            await _claim(session, actor, key, posted, door)
        received = await _store(session, door, actor, account, posted)
        if not received.same_body:
            reason = "was used for another message"
            raise MessageIdReused(f"message_id {posted.message_id!r} {reason}", {"message_id": reason})
        if received.is_new:
            share = Share(f"{account} {posted.customer}", door.messages_per_minute, "messages from this customer")
            await sender_limits.spend(session, (share,), door.clock.now())
    door.known_accounts.add(account)
    return received


async def _claim(session: WriteSession, actor: Actor, key: str, posted: PostedMessage, door: HttpDoor) -> None:
    """A repeated request is answered from the timeline, where its answer lies; only another body is refused here."""
    try:
        answer = await claim_key(session, actor, key, fingerprint(posted), door.clock.now())
    except Replayed:
        return
    answer.status = 200


async def _store(session: WriteSession, door: HttpDoor, actor: Actor, account: str, posted: PostedMessage) -> Received:
    now = door.clock.now()
    if account not in door.known_accounts:
        await repository.ensure_account(session, account, HTTP, now)
    identity = await ensure_identity(session, _newcomer(actor, account, posted), now)
    taker = Taker(account, identity.customer_id)
    attachments = await attach(session, uploader_of(actor), posted.attachments, taker, now)
    visitor = Visitor(
        external_id=posted.customer,
        name=posted.name,
        language=posted.language,
        timezone=posted.timezone,
        verified=True,
    )
    event: Said | Pressed = (
        Said(visitor=visitor, at=now, message_id=posted.message_id, text=posted.text, attachments=attachments)
        if posted.button is None
        else Pressed(visitor=visitor, at=now, message_id=posted.message_id, button=posted.button)
    )
    return await inbox.receive(
        session,
        account=account,
        external_id=posted.message_id,
        lane=posted.customer,
        raw=event.model_dump(mode="json"),
        now=now,
        fingerprint=fingerprint(posted),
    )


def _newcomer(actor: Actor, account: str, posted: PostedMessage) -> Newcomer:
    """A system with its own ids says nothing about the shop's numbers; any other one names the shop's customer."""
    return Newcomer(
        account=account,
        external_id=posted.customer,
        verified=True,
        customer_external_id=None if actor.own_ids else posted.customer,
        name=posted.name,
        language=posted.language,
        timezone=posted.timezone,
    )


def fingerprint(posted: PostedMessage) -> str:
    """What tells a repetition from another message under the same id."""
    body = posted.model_dump(mode="json", exclude=None if posted.attachments else {"attachments"})
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


async def _answer(door: HttpDoor, account: str, customer: str, event_id: int) -> PostedAnswer:
    async with door.database.read() as session:
        query = select(InboxEvent.state, InboxEvent.batch_id).where(InboxEvent.id == event_id)
        state, batch_id = (await session.execute(query)).one()
        if state is InboxState.PARKED:
            raise Unavailable("this message could not be handled just now; it is kept, and staff see it")
        conversation = await repository.find_conversation(session, account, customer)
        if conversation is None:
            raise Dismissed("staff gave this message up; it was not answered")
        answers = await repository.list_answers(session, batch_id) if batch_id is not None else []
    return PostedAnswer(
        conversation=conversation.id,
        state=conversation.owner,
        messages=[message_shape(message, link=door.links.url, read=door.codes.reveal) for message in answers],
    )

"""Finding conversations and their messages. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, literal, select, update

from conversations.models import Account, Conversation, Delivery, Message
from conversations.threads import Thread
from conversations.values import Author, Owner
from core.database import LOCK, ReadSession, WriteSession, upsert_ignore
from core.errors import NotFound
from core.ids import MAX_ID
from customers.models import ChannelIdentity

SENT_AS = "sent:"


class ConversationNotFound(NotFound):
    """There is no such conversation, or it belongs to another account."""


class AccountNotFound(NotFound):
    """No channel account has this name."""


async def ensure_account(session: WriteSession, name: str, channel: str, now: datetime) -> Account:
    """The account called `name`, made when it is new."""
    account = await session.get(Account, name)
    if account is None:
        dialect = session.get_bind().dialect.name
        await session.execute(
            upsert_ignore(Account, dialect).values(name=name, channel=channel, data={}, created_at=now)
        )
        account = await session.get(Account, name, populate_existing=True)
    assert account is not None
    return account


async def get_account(session: ReadSession, name: str) -> Account:
    """Raises AccountNotFound."""
    account = await session.get(Account, name)
    if account is None:
        raise AccountNotFound(f"there is no account {name}")
    return account


async def find_conversation(session: ReadSession, account: str, external_id: str) -> Conversation | None:
    """The talk of the person whom `account` knows as `external_id`."""
    query = (
        select(Conversation)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .where(ChannelIdentity.account == account, ChannelIdentity.external_id == external_id)
        .where(Conversation.account == account)
    )
    return (await session.scalars(query)).one_or_none()


async def get_conversation(session: ReadSession, conversation_id: int) -> Conversation:
    """Raises ConversationNotFound."""
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise ConversationNotFound(f"there is no conversation {conversation_id}")
    return conversation


#: The identity is looked up first: without statistics PostgreSQL would go through all conversations of the account.
_WHO = (
    select(ChannelIdentity.id)
    .where(ChannelIdentity.account == bindparam("account"), ChannelIdentity.external_id == bindparam("external_id"))
    .scalar_subquery()
)
#: The talk of one person with its surroundings: the parts of a `Thread`. Of `account` and `external_id`.
THREAD = (
    select(Conversation, Account, ChannelIdentity)
    .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
    .join(Account, Account.name == Conversation.account)
    .where(Conversation.account == bindparam("account"), Conversation.identity_id == _WHO)
)
_THREAD_LOCKED = THREAD.with_for_update(key_share=True, of=Conversation).execution_options(populate_existing=True)


async def find_thread(session: ReadSession, account: str, external_id: str, *, lock: bool = False) -> Thread | None:
    """The talk of the person whom `account` knows as `external_id`, with its surroundings, in one look.

    `lock`: as it is now, until the end of the transaction.
    """
    query = _THREAD_LOCKED if lock else THREAD
    row = (await session.execute(query, {"account": account, "external_id": external_id})).one_or_none()
    return Thread(*row) if row else None


async def lock_thread(session: WriteSession, conversation_id: int) -> Thread:
    """The conversation as it is now, locked until the end of the transaction. Raises ConversationNotFound."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=LOCK, populate_existing=True)
    if conversation is None:
        raise ConversationNotFound(f"there is no conversation {conversation_id}")
    account = await session.get(Account, conversation.account)
    identity = await session.get(ChannelIdentity, conversation.identity_id)
    assert account is not None
    assert identity is not None
    return Thread(conversation, account, identity)


async def find_said(session: ReadSession, conversation_id: int, client_id: str) -> Message | None:
    """The customer's message that carries the sender's own id; the newest wording of it if it was edited."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.client_id == client_id)
        .where(Message.author == Author.CUSTOMER)
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def find_quoted(session: ReadSession, conversation_id: int, reference: str) -> Message | None:
    """The message that a customer answers to: `reference` is the sender's own id of it, or ours, or SENT_AS and the id
    under which a push channel delivered ours.
    """
    if reference.startswith(SENT_AS):
        return await _find_sent(session, conversation_id, reference.removeprefix(SENT_AS))
    said = await find_said(session, conversation_id, reference)
    if said is not None or not reference.isdecimal() or int(reference) > MAX_ID:
        return said
    ours = await session.get(Message, int(reference))
    return ours if ours is not None and ours.conversation_id == conversation_id else None


async def _find_sent(session: ReadSession, conversation_id: int, external_id: str) -> Message | None:
    """The newest wording of it, if we edited it. An album arrived under several ids."""
    ids = literal(",") + Delivery.external_id + ","
    query = (
        select(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Message.conversation_id == conversation_id, ids.contains(f",{external_id},", autoescape=True))
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def find_reference(session: ReadSession, message_id: int) -> str | None:
    """The message as a push channel's events name it (see `find_quoted`); None for one that has not arrived there."""
    message = await session.get(Message, message_id)
    if message is None or message.author is Author.CUSTOMER:
        return message.client_id if message else None
    query = select(Delivery.external_id).where(Delivery.message_id == message_id, Delivery.external_id.is_not(None))
    sent = await session.scalar(query.order_by(Delivery.id).limit(1))
    return SENT_AS + list_ids(sent)[0] if sent else None


def list_ids(external_id: str) -> list[str]:
    """The ids under which a channel delivered one call: an album has one for each of its parts."""
    return external_id.split(",")


async def list_wordings(session: ReadSession, message: Message) -> list[int]:
    """The ids of all messages that are one for the customer: the first one, and what replaced it since, in order."""
    edits = select(Message.id, Message.replaces_id).order_by(Message.id)
    edits = edits.where(Message.conversation_id == message.conversation_id, Message.replaces_id.is_not(None))
    replaced = {row.id: row.replaces_id for row in await session.execute(edits)}
    first = message.id
    while first in replaced:
        first = replaced[first]
    wordings = [first]
    for edit, earlier in replaced.items():
        if earlier in wordings:
            wordings.append(edit)
    return wordings


async def list_messages(session: ReadSession, conversation_id: int, after: int = 0, limit: int = 200) -> list[Message]:
    """Messages with a `seq` above `after`, oldest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > after)
        .order_by(Message.seq)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def list_answers(session: ReadSession, event_id: int) -> list[Message]:
    """What was said in answer to the batch that begins with this inbox event, oldest first."""
    query = select(Message).where(Message.answer_to == event_id, Message.author != Author.CUSTOMER)
    query = query.order_by(Message.seq)
    return list(await session.scalars(query))


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations to list; None leaves a field open. `channel` is a kind of channel (`web`)."""

    state: Owner | None = None
    channel: str | None = None
    account: str | None = None
    customer_id: int | None = None
    unanswered: bool | None = None

    def narrow(self, query: Select[Conversation]) -> Select[Conversation]:
        if self.state is not None:
            query = query.where(Conversation.owner == self.state)
        if self.channel is not None:
            query = query.join(Account, Account.name == Conversation.account).where(Account.channel == self.channel)
        if self.account is not None:
            query = query.where(Conversation.account == self.account)
        if self.customer_id is not None:
            query = query.where(Conversation.customer_id == self.customer_id)
        if self.unanswered is not None:
            is_unanswered = Conversation.unanswered_since.is_not(None)
            query = query.where(is_unanswered if self.unanswered else ~is_unanswered)
        return query


async def list_conversations(
    session: ReadSession, wanted: ConversationFilter, before_id: int | None = None, limit: int = 50
) -> list[Conversation]:
    """Newest first by id; `before_id` is the cursor: the last id of the page before. Only where something was said."""
    query = wanted.narrow(select(Conversation)).where(Conversation.last_seq > 0)
    query = query.order_by(Conversation.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(Conversation.id < before_id)
    return list(await session.scalars(query))


async def recent_times(session: ReadSession, conversation_id: int, limit: int) -> list[datetime]:
    """When the customer wrote the newest `limit` messages, newest first."""
    query = (
        select(Message.at)
        .where(Message.conversation_id == conversation_id, Message.author == Author.CUSTOMER)
        .order_by(Message.seq.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def mark_seen(session: WriteSession, conversation_id: int, seq: int) -> None:
    """The customer has read up to `seq`: never more than there is, never less than before."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.seen_seq < seq, Conversation.last_seq >= seq)
        .values(seen_seq=seq)
    )

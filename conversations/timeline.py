"""Writing the timeline: each message gets the conversation's next number, and its deliveries where they are pushed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conversations import outbox
from conversations.channels import HTTP, PUSH_CHANNELS
from conversations.models import Account, Conversation, Message
from conversations.payloads import MessagePayload, write_payloads
from conversations.values import Author, DeliveryKind, MessageKind, OutgoingMessage
from core import signals
from core.database import WriteSession
from customers.models import ChannelIdentity

_PRIORITIES = {MessageKind.SERVICE: outbox.DEFAULT_PRIORITY}
_DELIVERY_KINDS = {MessageKind.AGENT_REPLY: DeliveryKind.AGENT_REPLY, MessageKind.SERVICE: DeliveryKind.SERVICE}


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation that this transaction has locked, with where it takes place."""

    conversation: Conversation
    account: Account
    identity: ChannelIdentity


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something to the customer; `author_line` stands above the text where a channel shows no names."""

    author: Author = Author.BOT
    agent_id: int | None = None
    name: str | None = None
    author_line: str | None = None


BOT = Speaker()


def append(session: WriteSession, conversation: Conversation, message: Message) -> Message:
    """Adds `message` under the conversation's next `seq` and wakes those who read along. It has no id until a flush."""
    conversation.last_seq += 1
    message.seq = conversation.last_seq
    message.conversation_id = conversation.id
    conversation.last_at = max(conversation.last_at, message.at)
    session.add(message)
    session.signal(signals.MESSAGES, conversation.id)
    session.signal(signals.CONVERSATIONS)
    return message


async def say(
    session: WriteSession,
    thread: Thread,
    said: OutgoingMessage,
    now: datetime,
    speaker: Speaker = BOT,
    answer_to: int | None = None,
) -> Message:
    """Puts one message to the customer into the timeline, and into the outbox of a push account."""
    if answer_to is None:
        await _keep_order(session, thread.account)
    article, language, version = said.article or (None, None, None)
    message = Message(
        author=speaker.author,
        agent_id=speaker.agent_id,
        name=speaker.name,
        kind=said.kind,
        text=said.text,
        buttons=list(said.buttons),
        attachments=list(said.attachments),
        answer_to=answer_to,
        article=article,
        article_language=language,
        article_version=version,
        at=now,
    )
    append(session, thread.conversation, message)
    await _push(session, thread, message, speaker, now)
    return message


async def _keep_order(session: WriteSession, account: Account) -> None:
    """What is said unasked is read across an account's conversations by id: its lock lets ids grow in commit order."""
    if account.channel == HTTP:
        await session.execute(select(Account.name).where(Account.name == account.name).with_for_update(key_share=True))


async def _push(session: WriteSession, thread: Thread, message: Message, speaker: Speaker, now: datetime) -> None:
    channel = PUSH_CHANNELS.get(thread.account.channel)
    if channel is None:
        return
    await session.flush()
    text = f"{speaker.author_line}\n{message.text}" if speaker.author_line else message.text
    to = thread.identity.external_id
    payloads = write_payloads(to, text, channel.text_limit, message.buttons, message.attachments)
    drafts = [_draft(thread, message, payload, (n, len(payloads)), now) for n, payload in enumerate(payloads, 1)]
    await outbox.enqueue(session, *drafts)


def _draft(
    thread: Thread, message: Message, payload: MessagePayload, part: tuple[int, int], now: datetime
) -> outbox.DeliveryDraft:
    kind = message.kind or MessageKind.REPLY
    return outbox.DeliveryDraft(
        account=thread.account.name,
        lane=thread.identity.external_id,
        kind=_DELIVERY_KINDS.get(kind, DeliveryKind.REPLY),
        payload=payload.model_dump(mode="json"),
        dedupe_key=f"message:{message.id}:{part[0]}",
        message_id=message.id,
        conversation_id=thread.conversation.id,
        customer_id=thread.conversation.customer_id,
        priority=_PRIORITIES.get(kind, outbox.REPLY_PRIORITY),
        due_at=now,
        part=part[0],
        parts=part[1],
        owner_epoch=thread.conversation.owner_epoch if message.author is Author.BOT else None,
    )

"""Writing the timeline: each message gets the conversation's next number, and its deliveries where they are pushed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from conversations.channels import HTTP
from conversations.models import Account, Conversation, Message
from conversations.pushing import push
from conversations.threads import BOT, Speaker, Thread
from conversations.values import OutgoingMessage
from core import signals
from core.database import WriteSession


@dataclass(frozen=True, slots=True)
class About:
    """What is said answers the batch that begins with the inbox event `answer_to`; `ticket_id`: what it concerns."""

    answer_to: int | None = None
    ticket_id: int | None = None


UNASKED = About()


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
    about: About = UNASKED,
    *,
    in_outbox: bool = False,
) -> Message:
    """Puts one message to the customer into the timeline, and into the outbox of a push account.

    `in_outbox`: it lies there already.
    """
    return (await say_all(session, thread, [said], now, speaker, about, in_outbox=in_outbox))[0]


async def say_all(
    session: WriteSession,
    thread: Thread,
    words: Sequence[OutgoingMessage],
    now: datetime,
    speaker: Speaker = BOT,
    about: About = UNASKED,
    *,
    in_outbox: bool = False,
) -> list[Message]:
    """The same with several messages, in this order: one flush for all of them."""
    if about.answer_to is None:
        await _keep_order(session, thread.account)
    messages = [append(session, thread.conversation, _message(said, speaker, about, now)) for said in words]
    if not in_outbox:
        await push(session, thread, messages, speaker, now)
    return messages


def _message(said: OutgoingMessage, speaker: Speaker, about: About, now: datetime) -> Message:
    article, language, version = said.article or (None, None, None)
    return Message(
        author=speaker.author,
        agent_id=speaker.agent_id,
        name=speaker.name,
        kind=said.kind,
        text=said.text,
        buttons=list(said.buttons),
        attachments=list(said.attachments),
        reply_to_id=said.reply_to,
        replaces_id=said.replaces,
        answer_to=about.answer_to,
        article=article,
        article_language=language,
        article_version=version,
        ticket_id=about.ticket_id,
        at=now,
    )


async def _keep_order(session: WriteSession, account: Account) -> None:
    """What is said unasked is read across an account's conversations by id: its lock lets ids grow in commit order."""
    if account.channel == HTTP:
        await session.execute(select(Account.name).where(Account.name == account.name).with_for_update(key_share=True))

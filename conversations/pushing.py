"""A message's way into the outbox of a push account: as new calls, or as changes of what was said before."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from conversations import outbox, repository
from conversations.channels import PUSH_CHANNELS, PushChannel
from conversations.mending import Called, Change, Rewritten, Standing, change_words, take_back
from conversations.models import Delivery, Message
from conversations.payloads import MessagePayload, write_payloads
from conversations.threads import Speaker, Thread
from conversations.values import Author, DeliveryKind, DeliveryState, MessageKind
from core.database import WriteSession

_PRIORITIES = {MessageKind.SERVICE: outbox.DEFAULT_PRIORITY}
_DELIVERY_KINDS = {MessageKind.AGENT_REPLY: DeliveryKind.AGENT_REPLY, MessageKind.SERVICE: DeliveryKind.SERVICE}
_ARRIVES = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT)


async def push(
    session: WriteSession, thread: Thread, messages: Sequence[Message], speaker: Speaker, now: datetime
) -> None:
    """Puts what `messages` take into the outbox; nothing where the channel is read, not sent to."""
    channel = PUSH_CHANNELS.get(thread.account.channel)
    if channel is None or not messages:
        return
    await session.flush()
    calls = [call for one in messages for call in await _calls(session, thread, one, speaker, channel, now)]
    await outbox.enqueue(session, *calls)


async def _calls(
    session: WriteSession, thread: Thread, message: Message, speaker: Speaker, channel: PushChannel, now: datetime
) -> list[outbox.DeliveryDraft]:
    text = f"{speaker.author_line}\n{message.text}" if speaker.author_line else message.text
    if message.replaces_id is None:
        calls = await _new_calls(session, thread, message, text, channel)
    else:
        calls = await _changing_calls(session, thread, message, text, channel)
    return [_draft(thread, message, call, (n, len(calls)), now) for n, call in enumerate(calls, 1)]


async def _new_calls(
    session: WriteSession, thread: Thread, message: Message, text: str, channel: PushChannel
) -> Sequence[MessagePayload]:
    quoted = await repository.find_reference(session, message.reply_to_id) if message.reply_to_id else None
    to = thread.identity.external_id
    return write_payloads(to, text, channel, message.buttons, message.attachments, quoted)


async def _changing_calls(
    session: WriteSession, thread: Thread, message: Message, text: str, channel: PushChannel
) -> Sequence[MessagePayload]:
    """What waits is changed in its row, since it need not go out as it was; calls are for what may have arrived."""
    rows = await _deliveries(session, await repository.list_wordings(session, message))
    standing = _still_standing(rows)
    if message.text:
        changes = change_words(thread.identity.external_id, text, standing, channel)
    else:
        changes = take_back(standing)
    _drop_earlier_edits(rows)
    by_id = {row.id: row for row in rows}
    for change in changes:
        if not isinstance(change, Called):
            _apply(by_id[change.delivery_id], change)
    return [change.payload for change in changes if isinstance(change, Called)]


async def _deliveries(session: WriteSession, message_ids: Sequence[int]) -> Sequence[Delivery]:
    query = select(Delivery).where(Delivery.message_id.in_(message_ids)).order_by(Delivery.id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


def _still_standing(rows: Sequence[Delivery]) -> list[Standing]:
    """The pieces that are on the customer's screen, or will be, in order."""
    read = [(row, MessagePayload.model_validate(row.payload)) for row in rows if row.state in _ARRIVES]
    gone = {payload.edits for _, payload in read if payload.takes_back}
    return [
        Standing(row.id, payload, waits=row.state is DeliveryState.PENDING and not row.resent)
        for row, payload in read
        if payload.edits is None and row.id not in gone
    ]


def _drop_earlier_edits(rows: Sequence[Delivery]) -> None:
    """An edit that waits is not made any more: a newer one takes its place."""
    for row in rows:
        if row.state is DeliveryState.PENDING and row.payload.get("edits") and not row.payload.get("takes_back"):
            row.state, row.because = DeliveryState.SKIPPED, "superseded"


def _apply(row: Delivery, change: Change) -> None:
    if isinstance(change, Rewritten):
        row.payload = change.payload.model_dump(mode="json")
    else:
        row.state, row.because = DeliveryState.SKIPPED, "taken_back"


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

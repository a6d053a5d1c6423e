"""The last line to somebody who was erased: what is gone, what is kept without a name, what cannot be reached.

Their address is kept sealed meanwhile. On a push channel the line goes out past the timeline, and its delivery is
blanked as soon as it has gone; on the others it ends the conversation that is nobody's by now. Nothing here commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from conversations import outbox, repository, timeline
from conversations.channels import PUSH_CHANNELS
from conversations.deliveries import DeliveryDraft
from conversations.language import from_client
from conversations.memory import Menu
from conversations.models import Delivery
from conversations.notice_models import LastWord
from conversations.payloads import write_payloads
from conversations.rendering import render
from conversations.steps import Say
from conversations.texts import Texts
from conversations.values import DeliveryKind, DeliveryState, Language, MessageKind
from core.database import ReadSession, WriteSession, upsert_ignore
from core.secretbox import SecretBox
from core.shop import read_shop
from customers.blanking import blank_rows
from customers.privacy_models import Erasure
from customers.tasks import ConfirmedWish

#: A line that the channel does not take within this time is given up.
_LASTS = timedelta(days=1)
_UNDECIDED = (DeliveryState.PENDING, DeliveryState.SENDING)
#: Places of the receipt -> the slot and the line that count their rows.
_COUNTED = {
    "message": ("messages", "erased.messages"),
    "stored_file": ("files", "erased.files"),
    "order": ("orders", "erased.orders"),
    "ticket": ("cases", "erased.cases"),
}


async def owe(session: WriteSession, box: SecretBox, asked: ConfirmedWish, now: datetime) -> None:
    """Remembers to whom to say it. To be called before the erasure, after which nobody knows."""
    thread = await repository.lock_thread(session, asked.conversation_id)
    row = {
        "customer_number": asked.customer_id,
        "conversation_id": asked.conversation_id,
        "account": thread.account.name,
        "language": thread.conversation.language,
        "sealed": box.encrypt(thread.identity.external_id),
        "queued": False,
        "created_at": now,
    }
    await session.execute(upsert_ignore(LastWord, session.get_bind().dialect.name).values(row))


async def list_owed(session: ReadSession) -> list[int]:
    """Ids of the rows that are not done with yet, the oldest first."""
    return list(await session.scalars(select(LastWord.id).order_by(LastWord.id)))


@dataclass(frozen=True, slots=True)
class MovedOn:
    """What became of one row. `trace`: an address that was forgotten just now, and may linger in the raw file."""

    has_moved: bool = False
    trace: str | None = None


async def move_on(session: WriteSession, box: SecretBox, row_id: int, now: datetime) -> MovedOn:
    """Says it if the erasure is finished; once it is decided whether it arrived, forgets to whom it was said."""
    row = await session.get(LastWord, row_id, with_for_update=True)
    if row is None:
        return MovedOn()
    if row.queued:
        has_gone = await _forget_delivery(session, row)
        return MovedOn(has_gone, box.decrypt(row.sealed) if has_gone else None)
    receipt = await _find_receipt(session, row)
    if receipt is not None:
        await _say(session, row, receipt, box, now)
    return MovedOn(receipt is not None)


async def _find_receipt(session: ReadSession, row: LastWord) -> Mapping[str, Any] | None:
    """Of the erasure that was asked for, once it is finished."""
    query = select(Erasure.receipt).where(
        Erasure.customer_number == row.customer_number, Erasure.finished_at >= row.created_at
    )
    return await session.scalar(query.order_by(Erasure.id.desc()).limit(1))


async def _say(session: WriteSession, row: LastWord, receipt: Mapping[str, Any], box: SecretBox, now: datetime) -> None:
    facts, _sample = await read_shop(session)
    voice = Texts.shipped().voice(from_client(row.language) or Language.ZH, facts)
    said = replace(render(receipt_words(receipt), voice, Menu()), kind=MessageKind.SERVICE)
    thread = await repository.lock_thread(session, row.conversation_id)
    channel = PUSH_CHANNELS.get(thread.account.channel)
    if channel is None:
        await timeline.say(session, thread, said, now)
        await session.delete(row)
        return
    to = box.decrypt(row.sealed)
    payloads = write_payloads(to, said.text, channel)
    drafts = [
        DeliveryDraft(
            account=row.account,
            lane=to,
            kind=DeliveryKind.SERVICE,
            payload=payload.model_dump(mode="json"),
            dedupe_key=f"{_key(row)}{part}",
            due_at=now,
            expires_at=now + _LASTS,
            part=part,
            parts=len(payloads),
        )
        for part, payload in enumerate(payloads, 1)
    ]
    await outbox.enqueue(session, *drafts)
    row.queued = True


def receipt_words(receipt: Mapping[str, Any]) -> Say:
    """The receipt as a message: what there was of each kind, then what stays and what is out of reach."""
    rows = {place["place"]: place["rows"] for place in receipt["places"] if place["place"] in _COUNTED}
    gone = tuple(line for place, (_slot, line) in _COUNTED.items() if rows.get(place))
    slots = {_COUNTED[place][0]: str(count) for place, count in rows.items()} | {"number": str(receipt["customer"])}
    return Say("erased.done", slots, below=("erased.gone", *gone, "erased.kept", "erased.unreachable", "erased.number"))


def _key(row: LastWord) -> str:
    return f"last_word:{row.id}:{row.created_at.isoformat()}:"


async def _forget_delivery(session: WriteSession, row: LastWord) -> bool:
    """Blanks what went out, once it is decided whether it arrived; whether it was."""
    query = select(Delivery.id, Delivery.state).where(Delivery.dedupe_key.startswith(_key(row), autoescape=True))
    sent = (await session.execute(query)).all()
    if any(state in _UNDECIDED for _id, state in sent):
        return False
    table = Delivery.__table__
    assert isinstance(table, Table)
    await blank_rows(session, table, [delivery_id for delivery_id, _state in sent])
    await session.delete(row)
    return True

"""Marks below agents' words: held, delivered, not delivered and why. One look a round at what is not settled yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, or_, select, text

from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import DeskPayload, Do, drafts, post
from bot.telegram.desk.talk import because_text
from bot.telegram.models import DeskPost, DeskTopic, Mark
from conversations import outbox, repository
from conversations.channels import PUSH_CHANNELS
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.models import Account, Conversation, Delivery, Message
from conversations.repair import TROUBLED
from conversations.values import Button, DeliveryState
from core.database import ReadSession, WriteSession
from staff.models import Agent
from tickets.models import Ticket

#: Telegram takes only some emoji as reactions; a check mark is not among them.
EMOJI = {Mark.HELD: "✍", Mark.SENT: "👌", Mark.FAILED: "👎", Mark.UNSURE: "🤔", Mark.NOTED: "✍", Mark.UNDONE: None}
_AT_ONCE = 100
# Spelt out as in the partial index, which SQLite does not use for bound values.
_IS_UNSETTLED = text("desk_post.mark = 'held'")
_ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of words: their mark; where they did not arrive, what is `said` of it, and why."""

    mark: Mark
    said: str | None = None
    because: str = ""


def unsettled(account: str) -> Select[DeskPost]:
    """Words whose mark may change now. What is held or on its way has nothing to tell, and is most of what waits."""
    is_on_its_way = exists().where(Delivery.message_id == HeldReply.message_id, Delivery.state.in_(_ON_ITS_WAY))
    return (
        select(DeskPost)
        .outerjoin(HeldReply, HeldReply.id == DeskPost.held_id)
        .where(DeskPost.account == account, _IS_UNSETTLED)
        .where(or_(HeldReply.id.is_(None), HeldReply.state != HeldState.HELD), ~is_on_its_way)
        .order_by(DeskPost.id)
    )


async def settle(office: Office, after: int = 0) -> int:
    """Marks what became of words that were held; a hundred of them are looked at, those behind `after`.

    Returns behind which the next look begins, so that all have their turn, whatever the first ones wait for; 0: at the
    beginning.
    """
    async with office.database.read() as session:
        waiting = unsettled(office.account).where(DeskPost.id > after).limit(_AT_ONCE)
        rows = (await session.scalars(waiting)).all()
        ids = [row.id for row in rows if (await _fate(session, row)).mark is not Mark.HELD]
    for post_id in ids:
        async with office.database.write() as session:
            row = await session.get_one(DeskPost, post_id, with_for_update=True, populate_existing=True)
            fate = await _fate(session, row)
            if row.mark is Mark.HELD and fate.mark is not Mark.HELD:
                await _settle(session, office, row, fate)
    return rows[-1].id if len(rows) == _AT_ONCE else 0


async def _settle(session: WriteSession, office: Office, row: DeskPost, fate: _Fate) -> None:
    await put(session, office, row, fate.mark)
    if fate.said is None:
        return
    agent = await session.get(Agent, row.by_id) if row.by_id else None
    wording = office.wording_for(agent)
    topic = await session.get(DeskTopic, row.topic_id) if row.topic_id else None
    buttons = (Button(id=f"resend:{row.held_id}", label=wording.say("button.resend")),)
    calls = post(
        row.chat,
        wording.say(f"said.{fate.said}", because=because_text(fate.because, wording)),
        topic=topic,
        quotes=row.number,
        buttons=buttons if fate.said == "unsure" else (),
        loud=True,
    )
    ticket = await session.get(Ticket, topic.ticket_id) if topic else None
    customer_id = ticket.customer_id if ticket else None
    told = drafts(row.account, calls, f"why:{row.id}:{row.held_id}:{fate.said}", office.now(), customer_id)
    await outbox.enqueue(session, *told)


async def put(session: WriteSession, office: Office, row: DeskPost, mark: Mark) -> None:
    """Marks the message of `row`."""
    row.mark = mark
    await show(session, office, row.chat, row.number, EMOJI[mark])


async def show(session: WriteSession, office: Office, chat: str, number: int, emoji: str | None) -> None:
    call = DeskPayload(to=chat, do=Do.MARK, number=number, emoji=emoji)
    key = f"mark:{chat}:{number}:{emoji}:{office.now().timestamp()}"
    await outbox.enqueue(session, *drafts(office.account, [call], key, office.now()))


async def _fate(session: ReadSession, row: DeskPost) -> _Fate:
    held = await session.get(HeldReply, row.held_id) if row.held_id else None
    if held is None or held.state is HeldState.UNDONE:
        return _Fate(Mark.UNDONE)
    if held.state is HeldState.REFUSED:
        return _Fate(Mark.FAILED, "failed", held.because or "failed")
    if held.state is HeldState.HELD or held.message_id is None:
        return _Fate(Mark.HELD)
    message = await session.get_one(Message, held.message_id)
    wordings = await repository.list_wordings(session, message)
    newest = await session.get_one(Message, wordings[-1])
    is_taken_back = newest.replaces_id is not None and not newest.text
    if not await _is_pushed(session, message):  # what is read from a cursor is delivered with its commit
        return _Fate(Mark.UNDONE if is_taken_back else Mark.SENT)
    of = (newest.id,) if is_taken_back else wordings
    rows = list(await session.scalars(select(Delivery).where(Delivery.message_id.in_(of)).order_by(Delivery.id)))
    return _of_taking_back(rows) if is_taken_back else _of_deliveries(rows)


async def _is_pushed(session: ReadSession, message: Message) -> bool:
    conversation = await session.get_one(Conversation, message.conversation_id)
    account = await session.get_one(Account, conversation.account)
    return account.channel in PUSH_CHANNELS


def _of_deliveries(rows: Sequence[Delivery]) -> _Fate:
    by_state = {row.state: row.because for row in rows}
    if DeliveryState.FAILED in by_state:
        return _Fate(Mark.FAILED, "failed", by_state[DeliveryState.FAILED] or "failed")
    if DeliveryState.UNKNOWN in by_state:
        return _Fate(Mark.UNSURE, "unsure", by_state[DeliveryState.UNKNOWN] or "unknown")
    return _Fate(Mark.HELD if by_state.keys() & set(_ON_ITS_WAY) else Mark.SENT)


def _of_taking_back(rows: Sequence[Delivery]) -> _Fate:
    """What could not be taken away still stands on the customer's screen."""
    because = next((row.because or row.state.value for row in rows if row.state in TROUBLED), None)
    if because is not None:
        return _Fate(Mark.FAILED, "not_taken_back", because)
    return _Fate(Mark.HELD if any(row.state in _ON_ITS_WAY for row in rows) else Mark.UNDONE)

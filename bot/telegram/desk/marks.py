"""Marks below agents' words: held, delivered, not delivered and why. One look a round at what is not settled yet."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import DeskPayload, Do, drafts, post
from bot.telegram.desk.talk import because_text
from bot.telegram.models import DeskPost, DeskTopic, Mark
from conversations import outbox, repository
from conversations.channels import PUSH_CHANNELS
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.models import Account, Conversation, Delivery, Message
from conversations.values import Button, DeliveryState
from core.database import ReadSession, WriteSession
from staff.models import Agent
from tickets.models import Ticket

#: Telegram takes only some emoji as reactions; a check mark is not among them.
EMOJI = {Mark.HELD: "✍", Mark.SENT: "👌", Mark.FAILED: "👎", Mark.UNSURE: "🤔", Mark.NOTED: "✍", Mark.UNDONE: None}
_AT_ONCE = 100


async def settle(office: Office) -> None:
    """Marks what became of words that were held."""
    async with office.database.read() as session:
        # What is still held has nothing to tell, and is most of what waits.
        waiting = (
            select(DeskPost)
            .outerjoin(HeldReply, HeldReply.id == DeskPost.held_id)
            .where(DeskPost.account == office.account, DeskPost.mark == Mark.HELD)
            .where(or_(HeldReply.id.is_(None), HeldReply.state != HeldState.HELD))
        )
        rows = await session.scalars(waiting.order_by(DeskPost.id).limit(_AT_ONCE))
        ids = [row.id for row in rows.all() if (await _state(session, row))[0] is not Mark.HELD]
    for post_id in ids:
        async with office.database.write() as session:
            row = await session.get_one(DeskPost, post_id, with_for_update=True, populate_existing=True)
            mark, because = await _state(session, row)
            if row.mark is Mark.HELD and mark is not Mark.HELD:
                await _settle(session, office, row, mark, because)


async def _settle(session: WriteSession, office: Office, row: DeskPost, mark: Mark, because: str | None) -> None:
    await put(session, office, row, mark)
    if because is None:
        return
    agent = await session.get(Agent, row.by_id) if row.by_id else None
    wording = office.wording_for(agent)
    key = "said.unsure" if mark is Mark.UNSURE else "said.failed"
    topic = await session.get(DeskTopic, row.topic_id) if row.topic_id else None
    buttons = (Button(id=f"resend:{row.held_id}", label=wording.say("button.resend")),)
    calls = post(
        row.chat,
        wording.say(key, because=because_text(because, wording)),
        topic=topic,
        quotes=row.number,
        buttons=buttons if mark is Mark.UNSURE else (),
        loud=True,
    )
    ticket = await session.get(Ticket, topic.ticket_id) if topic else None
    customer_id = ticket.customer_id if ticket else None
    told = drafts(row.account, calls, f"why:{row.id}:{row.held_id}:{mark}", office.now(), customer_id)
    await outbox.enqueue(session, *told)


async def put(session: WriteSession, office: Office, row: DeskPost, mark: Mark) -> None:
    """Marks the message of `row`."""
    row.mark = mark
    await show(session, office, row.chat, row.number, EMOJI[mark])


async def show(session: WriteSession, office: Office, chat: str, number: int, emoji: str | None) -> None:
    call = DeskPayload(to=chat, do=Do.MARK, number=number, emoji=emoji)
    key = f"mark:{chat}:{number}:{emoji}:{office.now().timestamp()}"
    await outbox.enqueue(session, *drafts(office.account, [call], key, office.now()))


async def _state(session: ReadSession, row: DeskPost) -> tuple[Mark, str | None]:
    """The mark that the words deserve now; with the reason, where they did not arrive."""
    held = await session.get(HeldReply, row.held_id) if row.held_id else None
    if held is None or held.state is HeldState.UNDONE:
        return Mark.UNDONE, None
    if held.state is HeldState.REFUSED:
        return Mark.FAILED, held.because
    if held.state is HeldState.HELD or held.message_id is None:
        return Mark.HELD, None
    message = await session.get_one(Message, held.message_id)
    return await _arrival(session, message)


async def _arrival(session: ReadSession, message: Message) -> tuple[Mark, str | None]:
    """On channels that are read from a cursor what is committed is delivered."""
    conversation = await session.get_one(Conversation, message.conversation_id)
    account = await session.get_one(Account, conversation.account)
    if account.channel not in PUSH_CHANNELS:
        return Mark.SENT, None
    wordings = await repository.list_wordings(session, message)
    rows = list(await session.scalars(select(Delivery).where(Delivery.message_id.in_(wordings)).order_by(Delivery.id)))
    return _of_deliveries(rows)


def _of_deliveries(rows: Sequence[Delivery]) -> tuple[Mark, str | None]:
    by_state = {row.state: row.because for row in rows}
    if DeliveryState.FAILED in by_state:
        return Mark.FAILED, by_state[DeliveryState.FAILED] or "failed"
    if DeliveryState.UNKNOWN in by_state:
        return Mark.UNSURE, by_state[DeliveryState.UNKNOWN] or "unknown"
    if DeliveryState.PENDING in by_state or DeliveryState.SENDING in by_state:
        return Mark.HELD, None
    return Mark.SENT, None

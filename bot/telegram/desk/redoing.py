"""What did not reach a group is done anew once it may have passed: the group shows what is stored, however late.

A card, the board and a title are made from what is stored now; a post goes out as it was written, unless Telegram does
not take it as it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, text, update

from bot.telegram.desk import marks
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import BESIDE, DeskPayload, Do, Place
from bot.telegram.models import DeskGroup, DeskPost, DeskTopic
from conversations.deliveries import OF_DESK
from conversations.models import Delivery
from conversations.repair import TROUBLED
from conversations.values import DeliveryState
from core import signals
from core.database import ReadSession, WriteSession

#: The first pause; it doubles with each try of the same call.
AGAIN_AFTER = timedelta(minutes=1)
_LONGEST = timedelta(minutes=5)
#: What is refused for itself may be taken when it says something else by then.
_REFUSED_AFTER = timedelta(minutes=10)
#: What failed longer ago is history: nobody waits for it in the group any more.
LATELY = timedelta(days=2)
_AT_ONCE, _READ = 20, 100
_OF_TOPIC = (Do.TITLE, Do.CLOSE, Do.REOPEN)
#: Reasons that lie in the group or on the line, and not in what was to be shown.
PASSING = frozenset({"kicked", "forbidden", "not_found", "no_rights", "topic_closed", "not_written"})
_IS_TROUBLED = text("delivery.state IN ('failed', 'unknown')")
_REPLACED = "done_anew"


async def redo(office: Office, group: DeskGroup) -> None:
    """A few calls that failed, or of which nobody knows."""
    async with office.database.read() as session:
        found = await _find(session, group, office.now() - LATELY)
        ids = [row.id for row in found if _is_time(row, office.now())][:_AT_ONCE]
    for delivery_id in ids:
        async with office.database.write() as session:
            row = await session.get_one(Delivery, delivery_id, with_for_update=True, populate_existing=True)
            if row.state in TROUBLED:
                await _redo(session, office, row)
            await session.flush()
            session.signal(signals.OUTBOX)


async def _find(session: ReadSession, group: DeskGroup, since: datetime) -> Sequence[Delivery]:
    """What can be done about, oldest first."""
    place, do = Delivery.payload["place"].as_string(), Delivery.payload["do"].as_string()
    may_pass = or_(Delivery.state == DeliveryState.UNKNOWN, Delivery.because.in_(PASSING))
    is_shown = or_(place.is_not(None), do.in_([one.value for one in _OF_TOPIC]))
    here = (
        Delivery.due_at > since,
        Delivery.account == group.account,
        Delivery.lane.in_((group.chat, group.chat + BESIDE)),
    )
    # Deleting a topic is tried once, unless nothing was ever written.
    is_given_up = and_(do == Do.DELETE.value, Delivery.state == DeliveryState.FAILED, Delivery.because != "not_written")
    query = select(Delivery).where(_IS_TROUBLED, *here, Delivery.kind.in_(OF_DESK), ~is_given_up)
    return (await session.scalars(query.where(or_(may_pass, is_shown)).order_by(Delivery.id).limit(_READ))).all()


def _is_time(row: Delivery, now: datetime) -> bool:
    if row.state is DeliveryState.FAILED and row.because not in PASSING:
        return row.due_at <= now - _REFUSED_AFTER
    doublings = min(max(0, row.attempt - 2), 10)
    return row.due_at <= now - min(_LONGEST, AGAIN_AFTER * (1 << doublings))


async def _redo(session: WriteSession, office: Office, row: Delivery) -> None:
    payload = DeskPayload.model_validate(row.payload)
    if payload.place is None and payload.do not in (Do.MARK, *_OF_TOPIC):
        row.resent = row.resent or row.state is DeliveryState.UNKNOWN
        row.state, row.claim, row.retry_at, row.due_at = DeliveryState.PENDING, None, None, office.now()
        return
    row.state, row.because = DeliveryState.SKIPPED, _REPLACED
    if payload.place is Place.BOARD:
        await _board_anew(session, row, payload)
    elif payload.place is Place.CARD:
        await _card_anew(session, payload)
    elif payload.do is Do.MARK:
        await _mark_anew(session, office, row, payload)
    elif payload.topic is not None:
        await _topic_anew(session, payload, payload.topic)


async def _board_anew(session: WriteSession, row: Delivery, payload: DeskPayload) -> None:
    """Posted if none stands there, else edited."""
    of_group = update(DeskGroup).where(DeskGroup.account == row.account, DeskGroup.chat == payload.to)
    if payload.do is Do.POST:
        await session.execute(of_group.where(DeskGroup.board.is_(None)).values(board_print=None))
    else:
        await session.execute(of_group.where(DeskGroup.board == payload.number).values(board_print=""))


async def _card_anew(session: WriteSession, payload: DeskPayload) -> None:
    stands = DeskTopic.card.is_(None) if payload.do is Do.POST else DeskTopic.card == payload.number
    of_topic = and_(DeskTopic.id == payload.topic, stands, DeskTopic.card_print.is_not(None))
    await session.execute(update(DeskTopic).where(of_topic).values(card_print=""))


async def _mark_anew(session: WriteSession, office: Office, row: Delivery, payload: DeskPayload) -> None:
    of_post = (DeskPost.account == row.account, DeskPost.chat == payload.to, DeskPost.number == payload.number)
    post = await session.scalar(select(DeskPost).where(*of_post))
    if post is not None and post.mark is not None:
        await marks.put(session, office, post, post.mark)


async def _topic_anew(session: WriteSession, payload: DeskPayload, topic_id: int) -> None:
    values = {"title_print": ""} if payload.do is Do.TITLE else {"is_closed": payload.do is Do.REOPEN}
    await session.execute(update(DeskTopic).where(DeskTopic.id == topic_id).values(**values))

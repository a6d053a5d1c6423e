"""Ten seconds in which a reply can be undone: until then it is no message, on no channel. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from conversations.desk import speaking, words
from conversations.desk.cases import Case, lock_place
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.models import Message
from conversations.values import Attachment
from core import signals
from core.database import ReadSession
from core.errors import Conflict, KefuError, NotAllowed, NotFound
from staff.models import Agent
from staff.service import as_actor
from staff.values import Actor
from tickets import timeline as ticket_timeline
from tickets.models import Ticket
from tickets.policy import Work
from tickets.repository import lock_ticket
from tickets.values import EventType

UNDO_WITHIN = timedelta(seconds=10)


class AreYouSure(Conflict):
    """The words guarantee something; said once more they go out."""

    code = "are_you_sure"


class HeldNotFound(NotFound):
    code = "reply_not_found"


class TooLate(Conflict):
    """The reply is on its way, or was undone before."""

    code = "too_late"


class NotOwnWords(NotAllowed):
    """Only who wrote a reply undoes it."""

    code = "not_own_reply"


async def reply_soon(
    work: Work,
    actor: Actor,
    number: int,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    reply_to: int | None = None,
    sure: bool = False,
    surface: str | None = None,
    origin: str | None = None,
) -> HeldReply:
    """`speaking.reply` in ten seconds, unless it is undone; the case becomes the agent's at once.

    `surface` and `origin`: where the words were written, for whoever marks them there.

    Raises:
        What `speaking.reply` raises.
        AreYouSure: the words guarantee something, and `sure` was not said.
    """
    case, said = await speaking.ready(work, actor, number, text, attachments)
    if not sure and words.guarantees(said):
        raise AreYouSure("this guarantees something; send it once more if you are sure")
    assert case.thread is not None
    held = HeldReply(
        conversation_id=case.thread.conversation.id,
        ticket_id=case.ticket.id,
        agent_id=actor.id,
        text=said,
        attachments=list(attachments),
        reply_to_id=reply_to,
        surface=surface,
        origin=origin,
        due_at=work.now + UNDO_WITHIN,
        created_at=work.now,
    )
    work.session.add(held)
    await work.session.flush()
    work.session.signal(signals.HELD)
    return held


async def undo(work: Work, actor: Actor, held_id: int) -> HeldReply:
    """The reply is never sent. Raises HeldNotFound, NotOwnWords, TooLate."""
    held = await _lock_own(work, actor, held_id)
    held.state = HeldState.UNDONE
    await work.session.flush()
    return held


async def change(work: Work, actor: Actor, held_id: int, text: str, *, sure: bool = False) -> HeldReply:
    """Other words for a reply that has not gone out; the ten seconds begin anew.

    Raises:
        HeldNotFound, NotOwnWords, TooLate, InvalidInput
        AreYouSure: they guarantee something that the reply did not, and `sure` was not said.
    """
    held = await _lock_own(work, actor, held_id)
    said = speaking.checked_words(text, held.attachments)
    if not sure and words.guarantees(said) and not words.guarantees(held.text):
        raise AreYouSure("this guarantees something; send it once more if you are sure")
    held.text = said
    held.due_at = work.now + UNDO_WITHIN
    await work.session.flush()
    return held


async def find_last(session: ReadSession, actor: Actor, number: int) -> HeldReply | None:
    """The newest words of `actor` about the ticket that can still be undone."""
    query = select(HeldReply).join(Ticket, Ticket.id == HeldReply.ticket_id)
    query = query.where(HeldReply.agent_id == actor.id, HeldReply.state == HeldState.HELD)
    newest = await session.scalars(query.order_by(HeldReply.id.desc()))
    return next((held for held in newest if _number(held) == number), None)


async def list_held(session: ReadSession, ticket_id: int) -> list[HeldReply]:
    """What is written about a ticket and has not gone out yet, in order."""
    query = select(HeldReply).where(HeldReply.ticket_id == ticket_id, HeldReply.state == HeldState.HELD)
    return list(await session.scalars(query.order_by(HeldReply.id)))


async def find_by_origin(session: ReadSession, surface: str, origin: str) -> HeldReply | None:
    """The reply that was written there, whatever became of it."""
    query = select(HeldReply).where(HeldReply.surface == surface, HeldReply.origin == origin)
    return await session.scalar(query.order_by(HeldReply.id.desc()).limit(1))


def _number(held: HeldReply) -> int:
    return Ticket(id=held.ticket_id).number


async def _lock_own(work: Work, actor: Actor, held_id: int) -> HeldReply:
    held = await work.session.get(HeldReply, held_id, with_for_update=True, populate_existing=True)
    if held is None:
        raise HeldNotFound(f"there is no reply {held_id} that waits")
    if held.agent_id != actor.id:
        raise NotOwnWords("only who wrote a reply undoes it")
    if held.state is not HeldState.HELD:
        raise TooLate("the reply has gone out; take the message back instead" if held.message_id else "it was undone")
    return held


async def find_due(session: ReadSession, now: datetime, limit: int) -> list[HeldReply]:
    """What is to go out now, in order; a reply waits for an earlier one in its conversation."""
    earlier = aliased(HeldReply)
    waits = exists().where(
        earlier.conversation_id == HeldReply.conversation_id,
        earlier.state == HeldState.HELD,
        earlier.id < HeldReply.id,
        earlier.due_at > now,
    )
    query = select(HeldReply).where(HeldReply.state == HeldState.HELD, HeldReply.due_at <= now, ~waits)
    return list(await session.scalars(query.order_by(HeldReply.id).limit(limit)))


async def next_due(session: ReadSession) -> datetime | None:
    return await session.scalar(select(func.min(HeldReply.due_at)).where(HeldReply.state == HeldState.HELD))


async def release(work: Work, held_id: int) -> Message | None:
    """Says what was held, if whoever wrote it still has the case; why not is kept. None: nothing was said."""
    found = await work.session.get_one(HeldReply, held_id)
    ticket = await lock_ticket(work.session, _number(found))
    case = Case(ticket, await lock_place(work, ticket))
    held = await work.session.get_one(HeldReply, held_id, with_for_update=True, populate_existing=True)
    if held.state is not HeldState.HELD:
        return None
    return await _release(work, case, held)


async def release_all(work: Work, case: Case) -> None:
    """Says now what is held about a locked case: something follows that must come after it."""
    query = select(HeldReply).where(HeldReply.ticket_id == case.ticket.id, HeldReply.state == HeldState.HELD)
    for held in await work.session.scalars(query.order_by(HeldReply.id).with_for_update()):
        await _release(work, case, held)


async def _release(work: Work, case: Case, held: HeldReply) -> Message | None:
    agent = await work.session.get_one(Agent, held.agent_id)
    try:
        if agent.disabled_at is not None:
            raise NotOwnWords(f"{agent.name} does not work here any more")
        message = await speaking.say(work, as_actor(agent), case, held.text, held.attachments, held.reply_to_id)
    except KefuError as refused:
        _refuse(work, case.ticket, held, refused)
        return None
    held.state, held.message_id = HeldState.SENT, message.id
    await work.session.flush()
    return message


def _refuse(work: Work, ticket: Ticket, held: HeldReply, why: KefuError) -> None:
    held.state, held.because = HeldState.REFUSED, why.code
    data = {"because": why.code, "detail": why.detail, "held": held.id}
    ticket_timeline.record(work, ticket, EventType.NOT_SENT, text=held.text, data=data)

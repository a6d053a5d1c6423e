"""A talk that goes on on another channel: what waits for an answer there waits here from then on. Nothing commits.

Locks as everywhere: ticket, customer, conversation; the side that the talk comes from last.
"""

from sqlalchemy import select, update

from conversations import repository, timeline
from conversations.customer_facts import Carried
from conversations.desk.cases import change_owner, find_case, voice_for
from conversations.models import Conversation
from conversations.scene import Scene
from conversations.threads import Thread
from conversations.values import MessageKind, OutgoingMessage, Owner
from core.database import ReadSession, WriteSession
from customers.codes import find_carried
from tickets.models import Ticket
from tickets.values import LIVE


async def read(session: ReadSession, code: str, account: str) -> Carried | None:
    """What a code that fits would bring to `account`; None: nothing, it only says who somebody is."""
    conversation = await _conversation(session, await find_carried(session, code))
    if conversation is None or conversation.account == account:
        return None
    case = await find_case(session, conversation)
    waits = case is not None and conversation.owner is not Owner.BOT
    return Carried(case.number if case and waits else None)


async def lock(session: WriteSession, code: str) -> None:
    """Locks the tickets that were opened where the talk comes from, before anybody's customer is locked."""
    identity_id = await find_carried(session, code)
    if identity_id is not None:
        mine = select(Ticket.id).where(Ticket.identity_id == identity_id, Ticket.status.in_(LIVE)).order_by(Ticket.id)
        await session.execute(mine.with_for_update(key_share=True))


async def bring(scene: Scene, identity_id: int) -> None:
    """The live tickets are answered here; who has the talk has it here. One's own live case here stays what it is."""
    found, here = await _conversation(scene.session, identity_id), scene.thread
    if found is None or found.id == here.conversation.id:
        return
    there = await repository.lock_thread(scene.session, found.id)
    live = (Ticket.identity_id == identity_id, Ticket.status.in_(LIVE))
    await scene.session.execute(update(Ticket).where(*live).values(identity_id=here.identity.id))
    if await find_case(scene.session, here.conversation) is None:
        await _hand_over(scene, there, here)


async def _hand_over(scene: Scene, there: Thread, here: Thread) -> None:
    old, new = there.conversation, here.conversation
    new.ticket_id, new.answer_by, new.unanswered_since = old.ticket_id, old.answer_by, old.unanswered_since
    new.language = new.language or old.language
    old.ticket_id = old.answer_by = old.unanswered_since = None
    if old.owner is Owner.BOT:
        return
    change_owner(scene.session, new, old.owner, old.agent_id, scene.now)
    change_owner(scene.session, old, Owner.BOT, None, scene.now)
    words = (await voice_for(scene.session, old)).say("link.went_on")
    await timeline.say(scene.session, there, OutgoingMessage(text=words, kind=MessageKind.SERVICE), scene.now)


async def _conversation(session: ReadSession, identity_id: int | None) -> Conversation | None:
    query = select(Conversation).where(Conversation.identity_id == identity_id)
    return (await session.scalars(query)).one_or_none() if identity_id is not None else None

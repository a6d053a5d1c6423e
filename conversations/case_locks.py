"""What a batch's steps will do to tickets, locked before its conversation is: tickets by number, then the customer.

Staff who change a ticket and speak to its customer take the same locks in the same order; whoever comes second waits.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, or_, select

from conversations import case_effects, offer_effects
from conversations.batches import Batch
from conversations.planning import Turn
from conversations.steps import AcceptOffer, DeclineOffer, Effect
from core.database import WriteSession
from customers import service as customer_service
from customers.identities import find_identity
from tickets.models import Ticket, id_of
from tickets.money_models import Grant
from tickets.values import LIVE

_TOUCH_TICKETS = (*case_effects.ROWS, *offer_effects.ROWS)


async def take(session: WriteSession, batch: Batch, turns: Sequence[Turn]) -> None:
    """Locks the writer's live tickets, and those that the steps name; nothing for steps that leave tickets alone."""
    steps = [turn.step for turn in turns if turn.step is not None]
    effects = [effect for step in steps for effect in step.effects if isinstance(effect, _TOUCH_TICKETS)]
    if not effects and not any(step.may_offer for step in steps):
        return
    identity = await find_identity(session, batch.account, batch.items[-1].event.visitor.external_id)
    if identity is None:
        return
    named = or_(Ticket.status.in_(LIVE), Ticket.id.in_(_numbers(effects)), Ticket.id.in_(_offered(effects)))
    query = select(Ticket.id).where(Ticket.customer_id == identity.customer_id, named).order_by(Ticket.id)
    await session.execute(query.with_for_update(key_share=True))
    await customer_service.lock_customer(session, identity.customer_id)


def _numbers(effects: Iterable[Effect]) -> list[int]:
    numbers = [getattr(effect, "number", None) for effect in effects]
    return [id_of(number) for number in numbers if isinstance(number, int)]


def _offered(effects: Iterable[Effect]) -> Select[int | None]:
    """The tickets of the grants that are answered."""
    grants = [effect.grant for effect in effects if isinstance(effect, AcceptOffer | DeclineOffer)]
    return select(Grant.ticket_id).where(Grant.id.in_(grants))

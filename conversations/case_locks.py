"""What a batch's steps will do to tickets, locked before its conversation is: tickets by number, then the customer.

Staff who change a ticket and speak to its customer take the same locks in the same order; whoever comes second waits.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, or_, select

from conversations import carrying, case_effects, customer_effects, offer_effects
from conversations.batches import Batch
from conversations.planning import Turn
from conversations.steps import AcceptOffer, ChooseLanguage, DeclineOffer, Effect, RedeemCode
from core.database import WriteSession
from customers import service as customer_service
from customers.identities import find_identity
from tickets.models import Ticket, id_of
from tickets.money_models import Grant
from tickets.values import LIVE

_TOUCH_TICKETS = (*case_effects.ROWS, *offer_effects.ROWS)
_TOUCH_CUSTOMERS = (*customer_effects.ROWS, ChooseLanguage)


async def take(session: WriteSession, batch: Batch, turns: Sequence[Turn]) -> None:
    """Locks the writer's live tickets, those that the steps name, and the writer, as far as the steps touch them."""
    steps = [turn.step for turn in turns if turn.step is not None]
    everything = [effect for step in steps for effect in step.effects]
    effects = [effect for effect in everything if isinstance(effect, _TOUCH_TICKETS)]
    touches_tickets = bool(effects) or any(step.may_offer for step in steps)
    if not touches_tickets and not any(isinstance(effect, _TOUCH_CUSTOMERS) for effect in everything):
        return
    for code in (effect.code for effect in everything if isinstance(effect, RedeemCode)):
        await carrying.lock(session, code)
    identity = await find_identity(session, batch.account, batch.items[-1].event.visitor.external_id)
    if identity is None:
        return
    if touches_tickets:
        await _lock_tickets(session, identity.customer_id, effects)
    await customer_service.lock_customer(session, identity.customer_id)


async def _lock_tickets(session: WriteSession, customer_id: int, effects: Sequence[Effect]) -> None:
    named = or_(Ticket.status.in_(LIVE), Ticket.id.in_(_numbers(effects)), Ticket.id.in_(_offered(effects)))
    query = select(Ticket.id).where(Ticket.customer_id == customer_id, named).order_by(Ticket.id)
    await session.execute(query.with_for_update(key_share=True))


def _numbers(effects: Iterable[Effect]) -> list[int]:
    numbers = [getattr(effect, "number", None) for effect in effects]
    return [id_of(number) for number in numbers if isinstance(number, int)]


def _offered(effects: Iterable[Effect]) -> Select[int | None]:
    """The tickets of the grants that are answered."""
    grants = [effect.grant for effect in effects if isinstance(effect, AcceptOffer | DeclineOffer)]
    return select(Grant.ticket_id).where(Grant.id.in_(grants))

"""What a customer's answer does to an offer. Only ever to one that was made to whoever writes."""

from collections.abc import Mapping

from conversations.days import by_words, day_words
from conversations.scene import FactsMoved, Results, Row, Scene
from conversations.steps import AcceptOffer, DeclineOffer, Effect
from tickets import grants, redemption, repository, service
from tickets.models import FIRST_NUMBER
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.timeline import CUSTOMER
from tickets.values import GrantKind, IllegalMove, TicketStatus


async def _own(scene: Scene, work: Work, grant_id: int) -> Grant:
    """The writer's grant, locked with its ticket. Raises FactsMoved: somebody else's, as after a merge of customers."""
    grant = await grants.lock_grant(work, grant_id)
    if grant.customer_id != scene.thread.conversation.customer_id:
        raise FactsMoved(f"compensation {grant_id} is somebody else's")
    return grant


async def _accept(scene: Scene, effect: AcceptOffer) -> Results:
    work = await scene.policies.work(scene.session, scene.now, CUSTOMER)
    await _own(scene, work, effect.grant)
    try:
        grant = await grants.accept(work, effect.grant)
    except IllegalMove:
        raise FactsMoved(f"offer {effect.grant} was taken back or has expired meanwhile") from None
    results = {"ticket_id": str(grant.ticket_id)} if grant.ticket_id else {}
    if grant.kind is GrantKind.VOUCHER:
        until = grant.expires_at.astimezone(effect.zone) if grant.expires_at else None
        results["code"] = work.codes.placeholder(grant.id)
        results["day"] = day_words(until, effect.language) if until else ""
    elif grant.kind is GrantKind.POINTS:
        results["points"] = f"{await redemption.points_of(scene.session, grant.customer_id):,}"
    return results


async def _decline(scene: Scene, effect: DeclineOffer) -> Results:
    """A ticket that has ended comes back with the wish, as with any word that it is not solved."""
    work = await scene.policies.work(scene.session, scene.now, CUSTOMER)
    grant = await _own(scene, work, effect.grant)
    try:
        await grants.decline(work, grant.id)
    except IllegalMove:
        raise FactsMoved(f"offer {effect.grant} was taken back or has expired meanwhile") from None
    if grant.ticket_id is None:
        return {}
    ticket = await repository.lock_ticket(work.session, grant.ticket_id + FIRST_NUMBER - 1)
    has_ended = ticket.status is TicketStatus.CLOSED
    ticket = await service.add(work, ticket, effect.words, attachments=scene.files, reopens=has_ended)
    due = await service.answer_by(work.session, ticket)
    if scene.thread.conversation.ticket_id == ticket.id:
        scene.thread.conversation.answer_by = due
    by = by_words(due, scene.now, effect.zone, effect.language)
    return {"by": by, "ticket_id": str(ticket.id)}


ROWS: Mapping[type[Effect], Row] = {AcceptOffer: _accept, DeclineOffer: _decline}

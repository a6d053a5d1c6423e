"""Compensation at the desk: what the rules allow now, to choose from; no amount is typed."""

from bot.telegram.desk.cards import limit_slots, option_text
from bot.telegram.desk.deeds import Deed, Reply, Unclear
from conversations import grant_news
from conversations.values import Button
from tickets import desk, grants, offers
from tickets.compensation import Option
from tickets.grants import Request
from tickets.offers import Offered
from tickets.repository import get_ticket
from tickets.values import GrantState


async def show(deed: Deed, _words: str) -> Reply:
    """The options as buttons, with one's limit and what the month's budget has left."""
    ticket = await get_ticket(deed.work.session, deed.case)
    offered = await offers.describe(deed.work.session, deed.work.policy, ticket, deed.actor, deed.work.now)
    if not offered.options:
        return Reply(deed.wording.say("said.no_offers"))
    buttons = tuple(Button(id=_id(option), label=_label(deed, offered, option)) for option in offered.options)
    head = deed.wording.say("said.offers", name=deed.name, **limit_slots(offered, deed.work.policy))
    return Reply(head, buttons)


def _id(option: Option) -> str:
    return f"give:{option.kind.value}:{option.money.amount_minor}:{option.money.currency}"


def _label(deed: Deed, offered: Offered, option: Option) -> str:
    limit = offered.limits.get(option.money.currency, 0)
    needs_yes = deed.wording.say("card.needs_yes") if option.money.amount_minor > limit else ""
    return option_text(option, deed.wording) + needs_yes


async def give(deed: Deed, chosen: str) -> Reply:
    """Within one's limit it is offered at once; beyond it a supervisor is asked.

    Raises:
        NotYours, LimitPassed
        Unclear: the rules do not allow it any more.
    """
    ticket = await desk.lock_for(deed.work, deed.case, deed.actor)
    found = await offers.find_options(deed.work.session, deed.work.policy, ticket, deed.work.now)
    option = next((one for one in found if _id(one) == f"give:{chosen}"), None)
    if option is None:
        raise Unclear("gone")
    asked = Request(
        kind=option.kind,
        money=option.money,
        customer_id=ticket.customer_id,
        ticket=ticket,
        reason=option.because.text(deed.office.wording.language),
        valid_days=option.valid_days,
    )
    grant = await grants.request(deed.work, asked, deed.actor)
    if grant.state is not GrantState.APPROVED:
        return Reply(toast=deed.wording.say("said.asked_yes", what=option_text(option, deed.wording)), stays=True)
    await grant_news.offer(deed.work, grant.id, deed.actor)
    return Reply(toast=deed.wording.say("said.offered", what=option_text(option, deed.wording)))

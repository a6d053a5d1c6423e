"""What is given to customers, and that they hear of it: offered, reminded of, issued, taken back. Nothing here commits.

Locks are taken as everywhere: the ticket, the conversation, the ledger, the grant. A customer who has never written on
any channel hears it from people.
"""

from collections.abc import Sequence

from conversations import news
from conversations import repository as conversations
from conversations.amounts import amount_words
from conversations.case_facts import OpenOffer
from conversations.case_reading import open_offer
from conversations.days import day_words
from conversations.desk.cases import find_place, lock_place
from conversations.dialogues.offers import NAMES, REMINDER, offer_say
from conversations.models import Message
from conversations.steps import Say
from conversations.threads import Thread
from core.money import Money
from staff.values import Actor
from tickets import gifts, grants, offers, redemption, repository
from tickets.gift_terms import GiftTerms
from tickets.models import FIRST_NUMBER
from tickets.money_models import Grant
from tickets.policy import Work
from tickets.values import GrantKind, GrantState, Origin

_ISSUED = {
    GrantKind.VOUCHER: "issued.voucher",
    GrantKind.POINTS: "issued.points",
    GrantKind.REFUND: "issued.refund",
    GrantKind.REPLACEMENT: "issued.replacement",
    GrantKind.REPAIR: "issued.repair",
    GrantKind.GIFT: "issued.gift",
}


async def offer(work: Work, grant_id: int, actor: Actor) -> Grant:
    """As `grants.offer`; the customer is asked."""
    thread = await _lock_place(work, grant_id)
    grant = await grants.offer(work, grant_id, actor)
    if thread is not None:
        await _ask(work, thread, grant)
    return grant


async def offer_by_rule(work: Work, thread: Thread, number: int, answer_to: int | None = None) -> Message | None:
    """What the rules give for this ticket without asking anybody, offered in its locked conversation."""
    ticket = await repository.lock_ticket(work.session, number)
    grant = await offers.offer_automatically(work, ticket) if ticket.status.is_live else None
    return await _ask(work, thread, grant, answer_to=answer_to) if grant else None


async def offer_gift(work: Work, thread: Thread, terms: GiftTerms, answer_to: int) -> Message | None:
    """What a programme gives for an answer, offered in the locked conversation of whoever gave it."""
    grant = await gifts.offer_gift(work, thread.conversation.customer_id, terms)
    return await _ask(work, thread, grant, answer_to=answer_to) if grant else None


async def offer_what_rules_give(work: Work, numbers: Sequence[int]) -> int:
    """For complaints whose customer did not answer what was asked of them; how many were offered something."""
    count = 0
    for number in numbers:
        thread = await lock_place(work, await repository.lock_ticket(work.session, number))
        count += thread is not None and await offer_by_rule(work, thread, number) is not None
    return count


async def accept(work: Work, grant_id: int) -> Grant:
    """As `grants.accept`, told to people; the customer hears what they have."""
    thread = await _lock_place(work, grant_id)
    grant = await grants.accept(work, grant_id)
    if thread is not None and grant.state is GrantState.ISSUED and grant.amount_minor:
        await _tell_issued(work, thread, grant)
    return grant


async def issue(work: Work, grant_id: int, reference: str) -> Grant:
    """As `grants.issue`; the customer hears that it is done."""
    thread = await _lock_place(work, grant_id)
    grant = await grants.issue(work, grant_id, reference)
    if thread is not None:
        await _tell_issued(work, thread, grant)
    return grant


async def revoke(work: Work, grant_id: int) -> Grant:
    """As `grants.revoke`; whoever was told of it hears that it holds no longer."""
    thread = await _lock_place(work, grant_id)
    was_told = (await grants.lock_grant(work, grant_id)).state not in (GrantState.PROPOSED, GrantState.APPROVED)
    grant = await grants.revoke(work, grant_id)
    if thread is not None and was_told:
        await _tell(work, thread, grant, "offer.revoked")
    return grant


async def remind(work: Work, grant_ids: Sequence[int]) -> int:
    """Of offers that end soon, once each; how many were reminded."""
    count = 0
    for grant_id in grant_ids:
        thread = await _lock_place(work, grant_id)
        if await redemption.mark_reminded(work, grant_id):
            count += 1
            grant = await grants.get_grant(work.session, grant_id)
            if thread is not None and grant.kind is not GrantKind.APOLOGY:
                await _ask(work, thread, grant, REMINDER)
    return count


async def expire(work: Work, grant_ids: Sequence[int]) -> int:
    """As `redemption.expire_all`; whoever left an offer unanswered hears that it is open no more. Nobody is pressed
    about a gift of a programme, which they were told they need not answer.
    """
    count = 0
    for grant_id in grant_ids:
        thread = await _lock_place(work, grant_id)
        was_offered = (await grants.lock_grant(work, grant_id)).state is GrantState.OFFERED
        has_ended = await redemption.expire_all(work, [grant_id])
        grant = await grants.get_grant(work.session, grant_id)
        is_missed = was_offered and grant.kind is not GrantKind.APOLOGY and grant.origin is not Origin.PROGRAMME
        if thread is not None and has_ended and is_missed:
            await _tell(work, thread, grant, "offer.expired")
        count += has_ended
    return count


async def _lock_place(work: Work, grant_id: int) -> Thread | None:
    """Where the customer is talked to about the grant: its ticket is locked, then the conversation."""
    grant = await grants.get_grant(work.session, grant_id)
    if grant.ticket_id is not None:
        return await lock_place(work, await repository.lock_ticket(work.session, grant.ticket_id + FIRST_NUMBER - 1))
    place = await find_place(work.session, grant.customer_id, None)
    return await conversations.lock_thread(work.session, place) if place else None


async def _ask(
    work: Work, thread: Thread, grant: Grant, above: str | None = None, *, answer_to: int | None = None
) -> Message:
    told: OpenOffer = await open_offer(work.session, grant)
    listener = await news.listener_of(work, thread)
    say = offer_say(told, listener.zone, listener.language, above)
    return await news.tell(work, thread, say, grant.ticket_id, answer_to=answer_to)


async def _tell_issued(work: Work, thread: Thread, grant: Grant) -> None:
    below = ("voucher.until", "voucher.how") if grant.expires_at else ("voucher.how",)
    await _tell(work, thread, grant, _ISSUED[grant.kind], below if grant.kind is GrantKind.VOUCHER else ())


async def _tell(work: Work, thread: Thread, grant: Grant, key: str, below: tuple[str, ...] = ()) -> None:
    listener, voice = await news.listener_of(work, thread), await news.voice_of(work, thread)
    amount = amount_words(Money(grant.amount_minor, grant.currency), listener.language)
    slots = {
        "number": str(grant.ticket_id + FIRST_NUMBER - 1) if grant.ticket_id else "",
        "amount": amount,
        "offer": voice.say(NAMES[grant.kind], amount=amount),
        "reference": grant.reference or "",
        "code": work.codes.placeholder(grant.id),
        "day": day_words(grant.expires_at.astimezone(listener.zone), listener.language) if grant.expires_at else "",
    }
    above = ("offer.about",) if grant.ticket_id else ()
    await news.tell(work, thread, Say(key, slots, above=above, below=below), grant.ticket_id)

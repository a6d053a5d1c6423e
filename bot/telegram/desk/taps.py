"""Buttons in the group: `what:which`, each with a text equivalent. The effect is the presser's, whoever made it."""

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import select

from bot.telegram.desk import offering, rewording, shelf, speech
from bot.telegram.desk.deeds import Deed, Reply, Unclear
from conversations import repair
from conversations.desk import cards, ending, holding, writing
from conversations.desk.undoing import AreYouSure
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.models import Delivery
from conversations.values import Button, DeliveryState
from core.ids import MAX_ID
from customers import blocking
from tickets.repository import get_ticket

Tap = Callable[[Deed, str], Awaitable[Reply]]

_REASONS = ("abuse", "spam", "flood")
_TAKES_BACK = "👎"


async def _take(deed: Deed, _which: str) -> Reply:
    await holding.take(deed.work, deed.actor, deed.case)
    return Reply(toast=deed.wording.say("said.taken", number=deed.case))


async def _contact(deed: Deed, _which: str) -> Reply:
    """Only whoever presses sees it, and the book keeps that they looked."""
    shown = await cards.show_contact(deed.work, deed.actor, deed.case)
    if not shown.phone and not shown.email:
        return Reply(toast=deed.wording.say("said.no_contact"))
    said = deed.wording.say("said.contact", phone=shown.phone or "-", email=shown.email or "-")
    return Reply(toast=said, stays=True)


async def _send_note(deed: Deed, which: str) -> Reply:
    """`ID`, or `ID:sure`."""
    note_id, _, sure = which.partition(":")
    event_id = _number(note_id)
    row = await speech.find_note(deed, event_id)
    origin = row.number if row else deed.number
    try:
        held = await writing.send_note(
            deed.work, deed.actor, deed.case, event_id, sure=bool(sure), surface=deed.office.account,
            origin=deed.at(origin).origin,
        )  # fmt: skip
    except AreYouSure:
        return speech.are_you_sure(deed, f"note:{event_id}:sure")
    await speech.hold_mark(deed, origin, held)
    return Reply(toast=deed.wording.say("said.sending", name=deed.name, text=held.text))


async def _undo(deed: Deed, which: str) -> Reply:
    held = await deed.work.session.get(HeldReply, _number(which))
    if held is None:
        raise Unclear("gone")
    return await speech.take_back(deed, held)


async def _mark(deed: Deed, which: str) -> Reply:
    """A thumb down below one's own words takes them back while they wait; all other marks are just marks."""
    row = await speech.find_post(deed.work.session, deed, deed.number)
    held = await deed.work.session.get(HeldReply, row.held_id) if row is not None and row.held_id else None
    if which != _TAKES_BACK or held is None or held.state is not HeldState.HELD or held.agent_id != deed.agent.id:
        return Reply()
    return await speech.take_back(deed, held)


async def _resend(deed: Deed, which: str) -> Reply:
    """What perhaps did not arrive, once more."""
    session = deed.work.session
    held = await session.get(HeldReply, _number(which))
    if held is None or held.message_id is None or held.agent_id != deed.agent.id:
        raise Unclear("gone")
    troubled = select(Delivery.id).where(
        Delivery.message_id == held.message_id, Delivery.state.in_((DeliveryState.FAILED, DeliveryState.UNKNOWN))
    )
    for delivery_id in list(await session.scalars(troubled)):
        await repair.resend(session, delivery_id, deed.work.now)
    await speech.hold_mark(deed, None, held)
    return Reply(toast=deed.wording.say("said.sent_again"))


async def _cause(deed: Deed, which: str) -> Reply:
    await ending.resolve(deed.work, deed.actor, deed.case, None, None, which)
    return Reply(toast=deed.wording.say("talk.resolved"))


async def _block(deed: Deed, _which: str) -> Reply:
    """Asks why."""
    reasons = tuple(Button(id=f"why:{one}", label=deed.wording.say(f"said.reason_{one}")) for one in _REASONS)
    return Reply(deed.wording.say("said.reasons"), reasons)


async def _why(deed: Deed, which: str) -> Reply:
    if which not in _REASONS:
        raise Unclear("gone")
    session, now = deed.work.session, deed.work.now
    ticket = await get_ticket(session, deed.case)
    reason = deed.office.wording.say(f"said.reason_{which}")
    customer = await blocking.block(session, ticket.customer_id, reason, None, by=deed.agent.name, now=now)
    assert customer.blocked_until is not None
    return Reply(toast=deed.wording.say("said.blocked", until=deed.when(customer.blocked_until)))


def _number(which: str) -> int:
    """Raises Unclear: a forged one."""
    if not which.isdecimal() or int(which) > MAX_ID:
        raise Unclear("gone")
    return int(which)


TAPS: Mapping[str, Tap] = {
    "take": _take,
    "draft": shelf.send_article,
    "canned": shelf.show_canned,
    "article": shelf.show_article,
    "send": shelf.send_draft,
    "mend": rewording.mend_for_sure,
    "offer": offering.show,
    "give": offering.give,
    "contact": _contact,
    "wrong": shelf.mark_wrong,
    "note": _send_note,
    "undo": _undo,
    "mark": _mark,
    "resend": _resend,
    "cause": _cause,
    "block": _block,
    "why": _why,
}


async def tap(deed: Deed, button: str) -> Reply:
    """Raises Unclear, and what the verbs of the desk raise."""
    what, _, which = button.partition(":")
    act = TAPS.get(what)
    if act is None:
        raise Unclear("gone")
    return await act(deed, which)

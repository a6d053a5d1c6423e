"""What agents type: each command parses its words, calls one verb of the desk, and says what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select

from bot.telegram.desk import lists, offering, shelf, speech
from bot.telegram.desk.deeds import DONE, Deed, Reply, Unclear
from conversations.desk import ending, holding, waiting
from conversations.values import Button
from core.money import Money
from customers import blocking
from staff import availability
from staff.models import Agent
from staff.teams import find_team
from staff.values import Availability, Role
from tickets import redemption
from tickets.desk import Hold
from tickets.repository import get_ticket
from tickets.values import RootCauseMissing

Run = Callable[[Deed, str], Awaitable[Reply]]

#: How long we wait for somebody when nobody says.
_HOLDS_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Command:
    """`anywhere`: outside a case's topic too, and in one's own chat. `needs_words`: it means nothing without."""

    run: Run
    anywhere: bool = False
    needs_words: bool = False


async def _take(deed: Deed, _words: str) -> Reply:
    await holding.take(deed.work, deed.actor, deed.case)
    return DONE


async def _assign(deed: Deed, words: str) -> Reply:
    """To a colleague, or to a team."""
    team = await find_team(deed.work.session, words)
    agent = None if team else await find_colleague(deed, words)
    await holding.assign(deed.work, deed.actor, deed.case, None, agent, team)
    return DONE


async def _hand_over(deed: Deed, words: str) -> Reply:
    name, _, said = words.partition(" ")
    await holding.hand_over(deed.work, deed.actor, deed.case, await find_colleague(deed, name), said.strip() or None)
    return DONE


async def _ask(deed: Deed, words: str) -> Reply:
    name, _, said = words.partition(" ")
    colleague = await find_colleague(deed, name)
    await holding.ask(deed.work, deed.actor, deed.case, colleague.name, said.strip() or None)
    return DONE


async def _escalate(deed: Deed, words: str) -> Reply:
    await holding.escalate(deed.work, deed.actor, deed.case, words or None)
    return DONE


async def _pending(deed: Deed, _words: str) -> Reply:
    await waiting.pend(deed.work, deed.actor, deed.case)
    return DONE


async def _hold(deed: Deed, words: str) -> Reply:
    """`WHO [TIME]`: the time is what can be read as one at the end."""
    who, _, when = words.partition(" ")
    until = deed.until(when) if when.strip() else deed.work.now + _HOLDS_FOR
    await waiting.hold_for(deed.work, deed.actor, deed.case, Hold(who, until))
    return DONE


async def _snooze(deed: Deed, words: str) -> Reply:
    await waiting.snooze(deed.work, deed.actor, deed.case, deed.until(words))
    return DONE


async def _merge(deed: Deed, words: str) -> Reply:
    number = words.removeprefix("#")
    if not number.isdecimal() or len(number) > 9:
        raise Unclear("no_number")
    await ending.merge(deed.work, deed.actor, deed.case, int(number), None)
    return DONE


async def _back(deed: Deed, _words: str) -> Reply:
    await holding.hand_back(deed.work, deed.actor, deed.case)
    return DONE


async def _resolve(deed: Deed, words: str) -> Reply:
    """A severe case asks for its root cause; words are the last ones to the customer."""
    try:
        await ending.resolve(deed.work, deed.actor, deed.case, None, words or None)
    except RootCauseMissing:
        causes = deed.work.policy.rules.root_cause
        language = deed.wording.language
        buttons = tuple(Button(id=f"cause:{one.id}", label=one.name.pick(language)) for one in causes)
        return Reply(deed.wording.say("said.causes"), buttons)
    return DONE


async def _unsend(deed: Deed, _words: str) -> Reply:
    return await speech.unsend(deed)


async def _undo(deed: Deed, _words: str) -> Reply:
    return await speech.undo(deed)


async def _block(deed: Deed, words: str) -> Reply:
    ticket = await get_ticket(deed.work.session, deed.case)
    customer = await blocking.block(
        deed.work.session, ticket.customer_id, words, None, by=deed.agent.name, now=deed.work.now
    )
    assert customer.blocked_until is not None
    return Reply(deed.wording.say("said.blocked", until=deed.when(customer.blocked_until)))


async def _unblock(deed: Deed, _words: str) -> Reply:
    ticket = await get_ticket(deed.work.session, deed.case)
    await blocking.unblock(deed.work.session, ticket.customer_id, by=deed.agent.name, now=deed.work.now)
    return Reply(deed.wording.say("said.unblocked"))


async def _away(deed: Deed, words: str) -> Reply:
    until = deed.until(words) if words else None
    name = deed.agent.name
    await availability.set_state(deed.work.session, name, Availability.AWAY, until, by=name, now=deed.work.now)
    said = deed.wording.say("said.away_until", until=deed.when(until)) if until else deed.wording.say("said.away")
    return Reply(said)


async def _online(deed: Deed, _words: str) -> Reply:
    name = deed.agent.name
    await availability.set_state(deed.work.session, name, Availability.ONLINE, None, by=name, now=deed.work.now)
    return Reply(deed.wording.say("said.online"))


async def _redeem(deed: Deed, words: str) -> Reply:
    code, _, order = words.partition(" ")
    grant = await redemption.redeem(deed.work, code, order.strip() or None)
    kind = deed.wording.say(f"grant.{grant.kind.value}")
    return Reply(deed.wording.say("said.redeemed", amount=Money(grant.amount_minor, grant.currency), kind=kind))


async def find_colleague(deed: Deed, words: str) -> Agent:
    """By name or alias. Raises Unclear, with everybody's name."""
    name = words.strip().removeprefix("@")
    people = select(Agent).where(Agent.role != Role.CHANNEL, Agent.disabled_at.is_(None)).order_by(Agent.name)
    is_called = or_(func.lower(Agent.name) == name.lower(), Agent.alias == name)
    found = await deed.work.session.scalar(people.where(is_called).limit(1))
    if found is None:
        everybody = ", ".join(one.name for one in await deed.work.session.scalars(people.limit(50)))
        raise Unclear("no_name", name=name, names=everybody)
    return found


COMMANDS: Mapping[str, Command] = {
    "take": Command(_take),
    "assign": Command(_assign, needs_words=True),
    "handover": Command(_hand_over, needs_words=True),
    "ask": Command(_ask, needs_words=True),
    "escalate": Command(_escalate),
    "pending": Command(_pending),
    "hold": Command(_hold, needs_words=True),
    "snooze": Command(_snooze, needs_words=True),
    "merge": Command(_merge, needs_words=True),
    "r": Command(shelf.find, needs_words=True),
    "offer": Command(offering.show),
    "wrong": Command(shelf.mark_wrong),
    "undo": Command(_undo),
    "unsend": Command(_unsend),
    "back": Command(_back),
    "resolve": Command(_resolve),
    "block": Command(_block, needs_words=True),
    "unblock": Command(_unblock),
    "next": Command(lists.take_next, anywhere=True),
    "my": Command(lists.mine, anywhere=True),
    "due": Command(lists.due, anywhere=True),
    "find": Command(lists.find, anywhere=True, needs_words=True),
    "away": Command(_away, anywhere=True),
    "online": Command(_online, anywhere=True),
    "redeem": Command(_redeem, anywhere=True, needs_words=True),
}


async def run(deed: Deed, name: str, words: str) -> Reply:
    """Raises Unclear, and what the verbs of the desk raise."""
    command = COMMANDS.get(name)
    if command is None:
        raise Unclear("unknown_command", name=name)
    if not command.anywhere and deed.topic is None:
        raise Unclear("no_case")
    if command.needs_words and not words:
        raise Unclear("needs_words", usage=deed.wording.say(f"usage.{name}"))
    return await command.run(deed, words)

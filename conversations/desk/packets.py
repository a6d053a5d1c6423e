"""What goes along when a case changes hands: why it is there, what is known, shown, promised and said. No commits here.

Written in the language of whoever gets the case, from the same card that stands on every surface; it is kept among what
happened to the case, so that it is found on all of them.
"""

from collections.abc import Iterator

from conversations.desk.cards import Card, Line, read_card
from conversations.values import Author
from staff.models import Agent
from staff.service import as_actor
from staff.words import packet_words
from tickets import timeline
from tickets.models import Ticket
from tickets.policy import Policy, Work
from tickets.values import EventType

_LONGEST = 200
_SAID = 3


async def pass_along(work: Work, ticket: Ticket, to: Agent, words: str | None = None) -> None:
    """Notes that the case goes to `to`, with the `words` of whoever had it and the packet below them."""
    card = await read_card(work.session, work.policy, ticket.number, as_actor(to), work.now)
    packet = "\n".join(lines_of(card, work.policy, to.language or work.policy.language))
    text = "\n\n".join(part for part in (words, packet) if part)
    timeline.record(work, ticket, EventType.HANDED_OVER, text=text, data={"to": to.name})


def lines_of(card: Card, policy: Policy, language: str) -> Iterator[str]:
    """The packet, a line each: what is empty has none. Pure."""
    say = packet_words(language)

    def line(name: str, *values: str | None) -> Iterator[str]:
        said = " · ".join(value for value in values if value)
        if said:
            yield f"{say[name]}{say['colon']}{said}"

    because = [reason.text(language) for reason in card.because]
    customer = card.customer
    yield from line("asked", _short(card.asked), *because)
    yield from line("customer", customer.form_of_address or customer.name, customer.needs, *customer.wishes)
    yield from line("order", card.order.order if card.order else None)
    yield from line("shown", *(shown.article for shown in card.shown))
    for promise in card.promises:
        at = promise.at.astimezone(policy.zone).strftime("%m-%d %H:%M")
        yield from line("promised", at, promise.by, promise.words)
    for said in _ours(card):
        yield from line("told", said.name or say["bot"], _short(said.text))


def _ours(card: Card) -> list[Line]:
    """The newest words that the customer was told."""
    return [one for one in card.said if one.author is not Author.CUSTOMER and one.text][-_SAID:]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"

"""What a run with the whole engine left in the database, and what reached the customers, compared."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from sqlalchemy import func, select

from conversations.models import Conversation, Delivery, InboxEvent, Message
from conversations.values import Author, DeliveryState, InboxState
from core.database import Database, ReadSession
from tests.integration.loops.books import Books, count_inversions
from tests.support.whole_engine import COMPLAINT, STORY
from tickets.models import Ticket
from tickets.values import TicketKind


@dataclass(frozen=True, slots=True)
class Answer:
    """One delivery of the bot's; `batch` is the first event of those that it answers."""

    id: int
    lane: str
    state: DeliveryState
    resent: bool
    batch: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`events`: how many of each batch are done. `said`: the customers' own rows, by conversation, in order.

    `complaints`: how many tickets became of what was said in each conversation.
    """

    events: Counter[int | None]
    said: Mapping[int, Sequence[Message]]
    answers: Sequence[Answer]
    complaints: Mapping[int, int]


async def read_engine_books(database: Database, written: int, arrived: Sequence[int]) -> Books:
    """The books of a run: `written` events came in, and `arrived` are the deliveries that customers have, in order."""
    async with database.read() as session:
        facts = await _read_facts(session)
    times, answers = Counter(arrived), {answer.id: answer for answer in facts.answers}
    known = [(answers[id_].lane, id_) for id_ in dict.fromkeys(arrived) if id_ in answers]
    return Books(
        lost=written - facts.events.total() + _missing_rows(facts),
        double_effects=_doubled_rows(facts) + _wrong_tickets(facts),
        out_of_order=count_inversions(known) + _out_of_story(facts),
        unanswered=_unanswered(facts, times),
        answered_twice_unlisted=sum(times[id_] > 1 + answer.resent for id_, answer in answers.items()),
        resent=sum(answer.resent for answer in facts.answers),
        given_up=sum(answer.state is DeliveryState.UNKNOWN and not times[answer.id] for answer in facts.answers),
    )


async def _read_facts(session: ReadSession) -> Facts:
    done = await session.scalars(select(InboxEvent.batch_id).where(InboxEvent.state == InboxState.DONE))
    own = select(Message).where(Message.author == Author.CUSTOMER).order_by(Message.conversation_id, Message.seq)
    said: dict[int, list[Message]] = defaultdict(list)
    for message in await session.scalars(own):
        said[message.conversation_id].append(message)
    columns = (Delivery.id, Delivery.lane, Delivery.state, Delivery.resent, Message.answer_to)
    answers = await session.execute(select(*columns).join(Message, Delivery.message_id == Message.id))
    tickets = (
        select(Conversation.id, func.count())
        .join(Ticket, Ticket.customer_id == Conversation.customer_id)
        .where(Ticket.kind == TicketKind.COMPLAINT)
        .group_by(Conversation.id)
    )
    complaints = {row[0]: row[1] for row in await session.execute(tickets)}
    return Facts(Counter(done), said, [Answer(*row) for row in answers], complaints)


def _rows_of_batches(facts: Facts) -> Counter[int | None]:
    return Counter(message.answer_to for rows in facts.said.values() for message in rows)


def _missing_rows(facts: Facts) -> int:
    """Events that are done, and whose words are in no timeline."""
    return (facts.events - _rows_of_batches(facts)).total()


def _doubled_rows(facts: Facts) -> int:
    ids = [(conversation, row.client_id) for conversation, rows in facts.said.items() for row in rows]
    return (_rows_of_batches(facts) - facts.events).total() + len(ids) - len(set(ids))


def _wrong_tickets(facts: Facts) -> int:
    """Whoever complained has one ticket, and nobody else has any."""
    complained = {id_: any(row.text == COMPLAINT for row in rows) for id_, rows in facts.said.items()}
    return sum(abs(facts.complaints.get(id_, 0) - has) for id_, has in complained.items())


def _out_of_story(facts: Facts) -> int:
    """Words that do not stand where they were said."""
    return sum(
        not deed.button and deed.text != row.text
        for rows in facts.said.values()
        for deed, row in zip(cycle(STORY), rows, strict=False)
    )


def _unanswered(facts: Facts, times: Counter[int]) -> int:
    """Events without an answer, or with one that did not arrive though nobody lists it as unknown."""
    answers: dict[int | None, list[bool]] = defaultdict(list)
    for answer in facts.answers:
        answers[answer.batch].append(times[answer.id] > 0 or answer.state is DeliveryState.UNKNOWN)
    return sum(count for batch, count in facts.events.items() if not answers[batch] or not all(answers[batch]))

"""Order in a chat, when a process stood still with a call in its hands or another one took its work over meanwhile."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations.deliveries import NotWritten, Outcome, SendJob, Sent
from conversations.leases import new_worker_id
from conversations.models import Delivery
from conversations.outbox import OutboxLoop, enqueue
from conversations.outbox_rows import settle_all
from conversations.settlement import settle
from conversations.values import DeliveryKind, DeliveryState
from core.clock import SystemClock
from core.database import Database
from tests.integration.loops.running import running
from tests.integration.loops.standstill import PACE, JumpingClock, StandsStill
from tests.integration.loops.test_outbox import until_states
from tests.integration.loops.worker import ACCOUNT, prepare, reply
from tests.support.push_channel import Journal

PENDING, SENDING, SENT, FAILED, UNKNOWN = (
    DeliveryState.PENDING,
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)
REPLY, AGENT, FOLLOW_UP = DeliveryKind.REPLY, DeliveryKind.AGENT_REPLY, DeliveryKind.FOLLOW_UP


@pytest.mark.db
@pytest.mark.parametrize(("kind", "arrived"), [(AGENT, False), (REPLY, True)])
async def test_what_a_process_has_in_hand_when_it_wakes_up_keeps_its_place_and_goes_out_once(
    database: Database, tmp_path: Path, kind: DeliveryKind, arrived: bool
) -> None:
    await prepare(database)
    journal, clock = Journal(tmp_path / "journal"), JumpingClock()
    channel = StandsStill(journal, database, clock, arrived)
    async with database.write() as session:
        await enqueue(session, *(reply("chat", [number], f"key-{number}", kind) for number in (1, 2)))
    async with running(OutboxLoop(database, clock, {ACCOUNT: channel}, new_worker_id(), pace=PACE)):
        rows = await until_states(database, SENT, SENT)
    assert [call.payload["answers"] for call in journal.arrived()] == [[1], [2]]
    assert [row.resent for row in rows] == [False, False]


NOT_WRITTEN = NotWritten("the process stood still")


@dataclass(frozen=True, slots=True)
class Late:
    """A delivery that is thought to be in state `thought`, the `next` one of its chat, and one of another chat.

    Then comes the late `word` about the first.
    """

    kind: DeliveryKind
    thought: DeliveryState
    next: DeliveryState
    elsewhere: DeliveryState
    word: Outcome

    @property
    def states(self) -> tuple[DeliveryState, ...]:
        return self.thought, self.next, self.elsewhere


LATE = [
    # Nobody else has said anything there: it still has its turn.
    (Late(AGENT, UNKNOWN, PENDING, SENT, NOT_WRITTEN), (PENDING, "not_written")),
    (Late(AGENT, UNKNOWN, FAILED, SENT, NOT_WRITTEN), (PENDING, "not_written")),
    # Later words are there, or may be: staff see that it was not sent, and decide.
    (Late(AGENT, UNKNOWN, SENT, PENDING, NOT_WRITTEN), (FAILED, "overtaken")),
    (Late(AGENT, UNKNOWN, SENDING, PENDING, NOT_WRITTEN), (FAILED, "overtaken")),
    (Late(REPLY, UNKNOWN, UNKNOWN, PENDING, NOT_WRITTEN), (FAILED, "overtaken")),
    # A greeting stands for itself.
    (Late(FOLLOW_UP, UNKNOWN, SENT, PENDING, NOT_WRITTEN), (PENDING, "not_written")),
    # It had arrived, before the later ones.
    (Late(AGENT, UNKNOWN, SENT, PENDING, Sent("77")), (SENT, None)),
    # Nobody has taken it over.
    (Late(AGENT, SENDING, PENDING, SENT, NOT_WRITTEN), (PENDING, "not_written")),
]


@pytest.mark.db
async def test_a_late_word_puts_nothing_behind_what_came_after_it(database: Database) -> None:
    await prepare(database)
    async with database.write() as session:
        for number, (case, _end) in enumerate(LATE):
            lanes = (f"chat-{number}", f"chat-{number}", f"other-{number}")
            drafts = [reply(lane, [number], f"{number}:{n}", case.kind) for n, lane in enumerate(lanes)]
            await enqueue(session, *drafts)
        rows = list(await session.scalars(select(Delivery).order_by(Delivery.id)))
        for row, state in zip(rows, (state for case, _end in LATE for state in case.states), strict=True):
            row.state, row.claim = state, "the one that stood still"
        await session.flush()
        now, late = SystemClock().now(), zip(rows[::3], LATE, strict=True)
        settled = [(row.id, settle(job_of(row), case.word, now, now)) for row, (case, _end) in late]
        await settle_all(session, [(id_, "the one that stood still", to) for id_, to in settled])
    async with database.read() as session:
        ended = (await session.scalars(select(Delivery).order_by(Delivery.id))).all()[::3]
    assert [(row.state, row.because) for row in ended] == [end for _case, end in LATE]


def job_of(row: Delivery) -> SendJob:
    return SendJob(**{name: getattr(row, name) for name in SendJob.__slots__})

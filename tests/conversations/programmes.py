"""What the shop's programmes write in scripts, and what becomes of the answers."""

from itertools import count

from sqlalchemy import select

from conversations import repository
from conversations.admission import Admission
from conversations.channels import PUSH_CHANNELS
from conversations.contact_rules import CONTACT
from conversations.leases import new_worker_id
from conversations.outbox import OutboxLoop, OutboxPace
from conversations.prompt_models import PromptAnswer
from core.clock import Clock
from core.database import Database, ReadSession
from core.rulebook import Rulebook
from customers import consents
from customers.models import Order
from customers.segment_rules import SEGMENTS
from customers.values import ConsentKind
from scheduler import programmes
from scheduler.answering import apply_answers
from scheduler.carrying import carry_over
from scheduler.dispatch import dispatch_due
from scheduler.models import FollowUp
from scheduler.planner import Office
from scheduler.programme_rules import PROGRAMMES
from scheduler.values import FollowUpKind
from tests.integration.loops.running import running
from tests.support.doors import Door
from tests.support.policies import POLICIES
from tests.support.served_doors import settled

_QUICK = OutboxPace(tick=0.02)


class ProgrammeDesk:
    """The shop's clock, which has come to a follow-up."""

    def __init__(self, database: Database, clock: Clock, door: Door) -> None:
        self._database = database
        self._clock = clock
        self._door = door
        self._numbers = count(1)
        self._office = Office(Rulebook([CONTACT, PROGRAMMES, SEGMENTS]), POLICIES.zone)

    async def write(self, words: str) -> None:
        """`ID step=2 order=A-1 ticket=1001`: the customer gets this programme's follow-up now."""
        programme_id, *pairs = words.split()
        about = dict(pair.split("=") for pair in pairs)
        now = self._clock.now()
        async with self._database.write() as session:
            listed = await programmes.get_programme(session, self._office, programme_id)
            await programmes.enable(session, self._office, programme_id, by="script", now=now)
            customer_id = await self._customer(session)
            agreed = dict.fromkeys(ConsentKind, True)
            await consents.record(session, customer_id, agreed, source="script", now=now, by_customer=False)
            order = await session.scalar(select(Order.id).where(Order.external_id == about.get("order", "")))
            follow_up = FollowUp(
                programme=programme_id, step=int(about.get("step", 1)), customer_id=customer_id,
                occasion=f"event:{next(self._numbers)}", kind=FollowUpKind(listed.programme.kind.value),
                rule=listed.rule, happened_at=now, due_at=now, expires_at=now.replace(hour=23), order_id=order,
                ticket_id=int(about["ticket"]) - 1000 if "ticket" in about else None, created_at=now,
            )  # fmt: skip
            session.add(follow_up)
        await dispatch_due(self._database, self._office, now)
        await self._deliver()

    async def _deliver(self) -> None:
        """Push channels have their outbox at work; what is read from a cursor is said here where nobody else does."""
        if self._door.account.partition(":")[0] in PUSH_CHANNELS:
            await settled(self._database)
            return
        admission = Admission(self._office.rulebook, self._office.zone, policies=POLICIES)
        loop = OutboxLoop(self._database, self._clock, {}, new_worker_id(), pace=_QUICK, admission=admission)
        async with running(loop):
            await settled(self._database)

    async def has_followed_up(self, words: str) -> None:
        """`PROGRAMME STATE`, or `PROGRAMME STATE / PROGRAMME STATE`, oldest first."""
        await apply_answers(self._database, self._office, self._clock.now())
        await carry_over(self._database)
        async with self._database.read() as session:
            query = select(FollowUp).where(FollowUp.customer_id == await self._customer(session))
            rows = list(await session.scalars(query.order_by(FollowUp.id)))
        assert " / ".join(f"{row.programme} {row.state.value}" for row in rows) == words

    async def has_answered(self, words: str) -> None:
        """`score 5 / words WORDS`: what was understood, in the order of the questions; `nothing`."""
        async with self._database.read() as session:
            query = select(PromptAnswer).where(PromptAnswer.customer_id == await self._customer(session))
            rows = list(await session.scalars(query.order_by(PromptAnswer.id)))
        told = " / ".join(" ".join(filter(None, (row.kind.value, row.value, row.words))) for row in rows)
        assert (told or "nothing") == words, f"was answered: {told}"

    async def _customer(self, session: ReadSession) -> int:
        thread = await repository.find_thread(session, self._door.account, self._door.visitor)
        assert thread is not None, "nobody has written yet"
        return thread.conversation.customer_id

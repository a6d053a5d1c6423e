"""The one way in: a batch of a customer's events goes in, the timeline and deliveries grow."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from conversations import case_locks, reading, writing
from conversations.batches import Batch
from conversations.case_reading import CaseReader
from conversations.customer_facts import SHANGHAI
from conversations.customer_reading import CustomerReader
from conversations.knowledge import Knowledge
from conversations.models import Message
from conversations.planning import Context, Planner, Sources, Turn
from conversations.scene import FactsMoved, Scene
from conversations.turns import read_entries
from conversations.values import Language
from core.clock import Clock
from core.database import Database
from core.errors import Conflict
from tickets.policy import Policies

_ATTEMPTS = 4


class ConversationMoved(Conflict):
    """The conversation changed each time while the answer was being decided."""

    code = "conversation_moved"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`messages_per_minute`: new messages that one customer may send in a minute. `timezone`: the shop's."""

    language: Language = Language.ZH
    messages_per_minute: int = 20
    timezone: ZoneInfo = SHANGHAI


class Conversations:
    """Answers customers. One instance a process; safe for concurrent use by many lanes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        knowledge: Knowledge,
        policies: Policies,
        settings: EngineSettings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._knowledge = knowledge
        self._policies = policies
        self._settings = settings or EngineSettings()

    async def handle(self, batch: Batch) -> tuple[Message, ...]:
        """Answers the events of one lane and completes them, in one transaction; in one for each message where a later
        one depends on what an earlier one does.

        Returns what the bot said: the answer given then for a message that is already in the timeline, nothing
        while a person has taken the conversation.

        Raises:
            LostClaim: another worker has the batch now; nothing was written.
            ConversationMoved: what was not completed may be tried again.
        """
        for _ in range(_ATTEMPTS):
            async with self._database.read() as session:
                context = await reading.read_context(
                    session, batch, self._settings.messages_per_minute, self._clock.now()
                )
            turns = await self._plan(batch, context)
            try:
                said = await self._write(batch, context, turns)
            except FactsMoved:
                if len(parts := batch.apart()) > 1:
                    return tuple([message for part in parts for message in await self.handle(part)])
                continue
            if said is not None:
                return said
        raise ConversationMoved("the conversation kept changing while it was answered")

    async def _plan(self, batch: Batch, context: Context) -> tuple[Turn, ...]:
        visitor = batch.items[-1].event.visitor
        zone, rulebook = self._settings.timezone, self._policies.rulebook
        whose = (batch.account, visitor.external_id)
        reader = CustomerReader(self._database, rulebook, *whose, zone)
        cases = CaseReader(self._database, self._policies, *whose, context.shop, context.writer)
        sources = Sources(self._knowledge, reader.read, cases.read)
        planner = Planner(context, visitor, sources, self._settings.language, self._clock.now())
        return await planner.plan(read_entries(batch.items, context.known))

    async def _write(self, batch: Batch, context: Context, turns: tuple[Turn, ...]) -> tuple[Message, ...] | None:
        """What was said; None when the conversation moved since `context` was read."""
        async with self._database.write() as session:
            now = self._clock.now()
            await case_locks.take(session, batch, turns)
            thread = await writing.open_thread(session, batch, now)
            if thread.conversation.version != context.version:
                return None
            said = await writing.write_turns(Scene(session, thread, now, self._policies), context, turns, batch)
            await batch.complete(session, now)
        return said

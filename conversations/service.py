"""The one way in: a batch of a customer's events goes in, the timeline and deliveries grow."""

from dataclasses import dataclass

from conversations.batches import Batch
from conversations.knowledge import Knowledge
from conversations.models import Message
from conversations.values import Language
from core.clock import Clock
from core.database import Database


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`messages_per_minute`: new messages that one customer may send in a minute."""

    language: Language = Language.ZH
    messages_per_minute: int = 20


class Conversations:
    """Answers customers. One instance a process; safe for concurrent use by many lanes."""

    def __init__(
        self, database: Database, clock: Clock, knowledge: Knowledge, settings: EngineSettings | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._knowledge = knowledge
        self._settings = settings or EngineSettings()

    async def handle(self, batch: Batch) -> tuple[Message, ...]:
        """Answers the events of one lane and completes them, in one transaction.

        Returns what the bot said: the answer given then for a message that is already in the timeline, nothing
        while a person has taken the conversation.

        Raises:
            LostClaim: another worker has the batch now; nothing was written.
            Conflict: the conversation kept moving; nothing was written.
        """
        raise NotImplementedError

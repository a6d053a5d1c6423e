"""Files that come with messages: noted in the message's own transaction, fetched from the channel afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from conversations import repository
from conversations.batches import Batch
from conversations.file_models import StoredFile
from conversations.models import Conversation
from conversations.values import Attachment, Edited, Said
from core.database import WriteSession, upsert_ignore

#: The topic under which whoever fetches files is woken.
FILES = "files"
_LONGEST_NAME = 250


@dataclass(frozen=True)
class FetchingBatch(Batch):
    """A batch that, once it is handled, leaves the files of its messages to be fetched."""

    @classmethod
    def of(cls, batch: Batch) -> Self:
        return cls(**{field.name: getattr(batch, field.name) for field in fields(batch)})

    async def complete(self, session: WriteSession, now: datetime) -> None:
        """As `Batch.complete`; the conversation is there by now. Raises LostClaim."""
        await Batch.complete(self, session, now)
        attachments = list(self._attachments())
        if not attachments:
            return
        visitor = self.items[-1].event.visitor.external_id
        conversation = await repository.find_conversation(session, self.account, visitor)
        if conversation is not None:
            rows = [_row(attachment, conversation, now) for attachment in attachments]
            await session.execute(upsert_ignore(StoredFile, session.get_bind().dialect.name), rows)
            session.signal(FILES)

    def _attachments(self) -> Iterator[Attachment]:
        for item in self.items:
            if isinstance(item.event, Said | Edited):
                yield from (each for each in item.event.attachments if each.file_id and each.remote_id)


def _row(attachment: Attachment, conversation: Conversation, now: datetime) -> dict[str, Any]:
    return {
        "id": attachment.file_id,
        "account": conversation.account,
        "customer_id": conversation.customer_id,
        "conversation_id": conversation.id,
        "remote_id": attachment.remote_id,
        "name": attachment.name[:_LONGEST_NAME] if attachment.name else None,
        "media_type": attachment.media_type or "application/octet-stream",
        "size": attachment.size,
        "due_at": now,
        "created_at": now,
    }

"""A customer's copy of all that is known of them: written to a file, which goes into their conversation.

Nothing here commits.
"""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from conversations import repository, timeline
from conversations.file_models import FileState, StoredFile
from conversations.language import from_client
from conversations.texts import Texts
from conversations.values import Attachment, AttachmentKind, Language, MessageKind, OutgoingMessage
from core.database import WriteSession, upsert_ignore
from core.files import FileStore
from core.secretbox import SecretBox
from core.shop import read_shop
from customers import tasks
from customers.tasks import ConfirmedWish
from customers.values import TaskState

#: How long such a file is kept: it holds everything, and another copy is quickly made.
KEPT = timedelta(days=7)
#: What marks these files among customers' own.
COPY = "copy"
_MOST_BYTES = 45_000_000
_MEDIA_TYPE = "application/json"


def attachment_of(box: SecretBox, asked: ConfirmedWish, now: datetime) -> Attachment:
    """The file to come: the same at every try, so that no copy is left that nobody knows of; nobody can guess it."""
    return Attachment(
        kind=AttachmentKind.DOCUMENT,
        file_id=f"{COPY}-{box.sign(COPY, str(asked.task_id))[:40]}",
        name=f"kefu-{now:%Y-%m-%d}.json",
        media_type=_MEDIA_TYPE,
    )


async def note_file(session: WriteSession, asked: ConfirmedWish, attachment: Attachment, now: datetime) -> None:
    """Before there are any bytes: whoever is erased meanwhile takes the file along."""
    conversation = await repository.get_conversation(session, asked.conversation_id)
    row = {
        "id": attachment.file_id,
        "account": conversation.account,
        "customer_id": asked.customer_id,
        "conversation_id": conversation.id,
        "name": attachment.name,
        "media_type": _MEDIA_TYPE,
        "state": FileState.HERE,
        "because": COPY,
        "attempt": 0,
        "due_at": now,
        "created_at": now,
    }
    await session.execute(upsert_ignore(StoredFile, session.get_bind().dialect.name).values(row))


async def keep(files: FileStore, attachment: Attachment, known: dict[str, Any]) -> Attachment:
    """Writes the file. Raises FileTooLarge: staff have to see to it."""
    assert attachment.file_id is not None
    size = await files.keep(attachment.file_id, _chunks(known), _MOST_BYTES)
    return attachment.model_copy(update={"size": size})


async def _chunks(known: dict[str, Any]) -> AsyncIterator[bytes]:
    yield json.dumps(known, ensure_ascii=False, indent=2).encode()


async def hand_over(session: WriteSession, asked: ConfirmedWish, attachment: Attachment, now: datetime) -> None:
    """Says where the copy is; the request is done then. Raises TaskEnded."""
    await tasks.finish(session, asked.task_id, TaskState.DONE, "customer", now)
    thread = await repository.lock_thread(session, asked.conversation_id)
    facts, _sample = await read_shop(session)
    voice = Texts.shipped().voice(from_client(thread.conversation.language) or Language.ZH, facts)
    said = OutgoingMessage(text=voice.say("me.copy_here"), attachments=(attachment,), kind=MessageKind.SERVICE)
    await timeline.say(session, thread, said, now)

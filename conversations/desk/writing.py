"""What somebody writes where a case is worked on, as in its topic: a reply if the case is theirs, else a note."""

from collections.abc import Sequence

from sqlalchemy import select

from conversations.desk import speaking
from conversations.desk.undoing import reply_soon
from conversations.desk_models import HeldReply
from conversations.file_models import StoredFile
from conversations.values import Attachment
from core.database import ReadSession
from core.errors import NotFound
from staff.values import Actor
from tickets.models import TicketEvent, id_of
from tickets.policy import Work
from tickets.repository import get_ticket
from tickets.values import EventType

#: A first mark that keeps words among staff, as it comes from a Chinese keyboard too.
_NOTE_MARKS = (".", "。", "．", "//")


class NoteNotFound(NotFound):
    """There is no such note."""

    code = "note_not_found"


def read_note(text: str) -> str | None:
    """The words of a note without its mark; None for words that have none."""
    said = text.lstrip()
    mark = next((mark for mark in _NOTE_MARKS if said.startswith(mark)), None)
    return None if mark is None else said[len(mark) :].lstrip()


async def write(
    work: Work,
    actor: Actor,
    number: int,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    reply_to: int | None = None,
    sure: bool = False,
    surface: str | None = None,
    origin: str | None = None,
) -> HeldReply | TicketEvent:
    """The words of whoever has the case go to the customer in ten seconds; with a mark, or by others, they are a note.

    Raises:
        TicketNotFound, InvalidInput
        What `undoing.reply_soon` raises, for whoever has the case.
    """
    note = read_note(text)
    ticket = await get_ticket(work.session, number)
    if note is None and ticket.assignee_id == actor.id:
        return await reply_soon(
            work, actor, number, text, attachments, reply_to=reply_to, sure=sure, surface=surface, origin=origin
        )
    files = [one.file_id for one in attachments if one.file_id is not None]
    return await speaking.note(work, actor, number, text if note is None else note, files, in_group=True)


async def send_note(
    work: Work,
    actor: Actor,
    number: int,
    event_id: int,
    *,
    sure: bool = False,
    surface: str | None = None,
    origin: str | None = None,
) -> HeldReply:
    """A note's words go to the customer after all, by whoever has the case or takes it with this.

    Raises:
        NoteNotFound
        What `undoing.reply_soon` raises.
    """
    noted = await work.session.get(TicketEvent, event_id)
    if noted is None or noted.type is not EventType.NOTED or noted.ticket_id != id_of(number):
        raise NoteNotFound(f"there is no note {event_id} on ticket {number}")
    files = await attached(work.session, noted.data.get("attachments", []))
    return await reply_soon(work, actor, number, noted.text or "", files, sure=sure, surface=surface, origin=origin)


async def attached(session: ReadSession, file_ids: Sequence[str]) -> list[Attachment]:
    """Kept files as attachments, in this order; what is gone is left out."""
    rows = await session.scalars(select(StoredFile).where(StoredFile.id.in_(file_ids)))
    by_id = {
        row.id: Attachment(
            kind=row.kind, file_id=row.id, remote_id=row.remote_id, name=row.name, media_type=row.media_type,
            size=row.size,
        )
        for row in rows
    }  # fmt: skip
    return [by_id[one] for one in file_ids if one in by_id]

"""What somebody writes in a case's topic: for the customer if the case is theirs, else a note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.telegram.desk import marks
from bot.telegram.desk.deeds import Deed, Reply, Unclear
from bot.telegram.desk.marks import EMOJI
from bot.telegram.models import DeskDraft, DeskPost, Mark
from conversations import corrections
from conversations.desk import undoing, writing
from conversations.desk.cases import find_place
from conversations.desk.undoing import AreYouSure
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from conversations.file_models import StoredFile
from conversations.incoming_files import FILES
from conversations.values import Attachment, Button
from core.database import ReadSession, WriteSession, upsert_ignore
from core.ids import MAX_ID
from tickets.models import Ticket, TicketEvent
from tickets.repository import get_ticket


async def write(deed: Deed, text: str, attachments: Sequence[Attachment], numbers: Sequence[int]) -> Reply | None:
    """`numbers`: of all messages of an album. Raises what `writing.write` raises."""
    session = deed.work.session
    ticket = await get_ticket(session, deed.case)
    await _keep_files(deed, ticket, attachments)
    quoted = await message_at(session, deed, deed.answered)
    try:
        written = await writing.write(
            deed.work, deed.actor, deed.case, text, attachments, reply_to=quoted,
            surface=deed.office.account, origin=deed.origin,
        )  # fmt: skip
    except AreYouSure:
        return await _ask_if_sure(deed, ticket, text, attachments, quoted)
    return await _note_down(deed, written, numbers, is_marked=writing.read_note(text) is not None)


async def _note_down(
    deed: Deed, written: HeldReply | TicketEvent, numbers: Sequence[int], *, is_marked: bool
) -> Reply | None:
    """Remembers what the messages were, and marks the first."""
    is_held = isinstance(written, HeldReply)
    what: dict[str, Any] = {"held_id": written.id} if is_held else {"event_id": written.id}
    mark = Mark.HELD if is_held else Mark.NOTED
    for number in numbers:
        await remember(deed, number, mark if number == numbers[0] else None, **what)
    await marks.show(deed.work.session, deed.office, deed.chat, numbers[0], EMOJI[mark])
    if is_held or is_marked:
        return None
    wording = deed.office.wording
    button = Button(id=f"note:{written.id}", label=wording.say("button.send"))
    return Reply(wording.say("said.noted"), (button,))


async def remember(deed: Deed, number: int, mark: Mark | None, **what: Any) -> None:
    """What a message of the group is, in place of what was known of it."""
    session = deed.work.session
    row = await find_post(session, deed, number)
    if row is None:
        row = DeskPost(account=deed.office.account, chat=deed.chat, number=number, at=deed.work.now)
        session.add(row)
    row.topic_id = deed.topic.id if deed.topic else None
    row.by_id, row.mark = deed.agent.id, mark
    for name, value in what.items():
        setattr(row, name, value)
    await session.flush()


async def _ask_if_sure(
    deed: Deed, ticket: Ticket, text: str, attachments: Sequence[Attachment], quoted: int | None
) -> Reply:
    draft = await keep_draft(deed, ticket, text, attachments, reply_to=quoted, sure=True, origin=deed.number)
    return are_you_sure(deed, f"send:{draft.id}")


async def get_draft(deed: Deed, draft_id: str) -> DeskDraft:
    """Words of this case that wait for a yes. Raises Unclear: they do not any more."""
    number = int(draft_id) if draft_id.isdecimal() and int(draft_id) <= MAX_ID else 0
    draft = await deed.work.session.get(DeskDraft, number)
    if draft is None or not draft.text or draft.ticket_id != (deed.topic.ticket_id if deed.topic else None):
        raise Unclear("gone")
    return draft


def are_you_sure(deed: Deed, press: str) -> Reply:
    """`press`: what the button does that they say yes with."""
    button = Button(id=press, label=deed.wording.say("button.send_sure"))
    return Reply(deed.wording.say("refused.are_you_sure"), (button,))


async def keep_draft(
    deed: Deed,
    ticket: Ticket,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    reply_to: int | None = None,
    sure: bool = False,
    origin: int | None = None,
) -> DeskDraft:
    """Words that wait for somebody's yes."""
    draft = DeskDraft(
        ticket_id=ticket.id, text=text, attachments=list(attachments), reply_to_id=reply_to, sure=sure, origin=origin,
        created_at=deed.work.now,
    )  # fmt: skip
    deed.work.session.add(draft)
    await deed.work.session.flush()
    return draft


async def unsend(deed: Deed) -> Reply:
    """Takes back one's own words: those that are answered, else the last that can still be undone.

    Raises:
        Unclear, NotOwnWords, NotOwnReply, TakenBack
    """
    return await take_back(deed, await _meant(deed, "reply_to_own"))


async def undo(deed: Deed) -> Reply:
    """The same for words that have not gone out, and for those alone. Raises Unclear, NotOwnWords, TooLate."""
    held = await _meant(deed, "nothing_to_undo")
    if held.state is not HeldState.HELD:
        raise undoing.TooLate("the reply has gone out; take it back with /unsend")
    return await take_back(deed, held)


async def _meant(deed: Deed, none: str) -> HeldReply:
    """The words that are answered, else the last ones that wait. Raises Unclear, with `none` where nothing waits."""
    session = deed.work.session
    if deed.answered is None:
        held = await undoing.find_last(session, deed.actor, deed.case)
    else:
        held, none = await held_of(session, await find_post(session, deed, deed.answered)), "not_a_reply"
    if held is None:
        raise Unclear(none)
    return held


async def take_back(deed: Deed, held: HeldReply) -> Reply:
    """What is held is never sent; what was sent is taken away. Raises what `unsend` raises."""
    session = deed.work.session
    row = await session.scalar(select(DeskPost).where(DeskPost.held_id == held.id).order_by(DeskPost.id).limit(1))
    if held.state is HeldState.SENT and held.message_id is not None:
        await corrections.take_back(deed.work, held.message_id, deed.actor)
        if row is not None:
            row.mark = Mark.HELD  # whether it could be taken away is seen when it has been tried
        return Reply(mark="👌", toast=deed.wording.say("said.taking_back"))
    await undoing.undo(deed.work, deed.actor, held.id)
    if row is not None:
        await marks.put(session, deed.office, row, Mark.UNDONE)
    return Reply(mark="👌", toast=deed.wording.say("said.undone"))


async def find_post(session: ReadSession, deed: Deed, number: int | None) -> DeskPost | None:
    """What is known of a message of the group."""
    here = (DeskPost.account == deed.office.account, DeskPost.chat == deed.chat)
    return await session.scalar(select(DeskPost).where(*here, DeskPost.number == number))


async def find_note(deed: Deed, event_id: int) -> DeskPost | None:
    """The message in which a note was written."""
    here = (DeskPost.account == deed.office.account, DeskPost.chat == deed.chat)
    query = select(DeskPost).where(*here, DeskPost.event_id == event_id)
    return await deed.work.session.scalar(query.order_by(DeskPost.number).limit(1))


async def hold_mark(deed: Deed, number: int | None, held: HeldReply) -> None:
    """The message `number`, or the one that `held` came from, is marked anew once it is settled what became of it."""
    session = deed.work.session
    if number is None:
        row = await session.scalar(select(DeskPost).where(DeskPost.held_id == held.id).order_by(DeskPost.id).limit(1))
        number = row.number if row else None
    if number is not None:
        await remember(deed, number, Mark.HELD, held_id=held.id)
        await marks.show(session, deed.office, deed.chat, number, EMOJI[Mark.HELD])


async def held_of(session: ReadSession, row: DeskPost | None) -> HeldReply | None:
    return await session.get(HeldReply, row.held_id) if row is not None and row.held_id else None


async def message_at(session: ReadSession, deed: Deed, number: int | None) -> int | None:
    """The message of the talk that a message of the group shows, or became."""
    row = await find_post(session, deed, number) if number is not None else None
    held = await held_of(session, row)
    return held.message_id if held is not None else row.message_id if row is not None else None


async def _keep_files(deed: Deed, ticket: Ticket, attachments: Sequence[Attachment]) -> None:
    """Has the files fetched, for channels that read them from us."""
    session: WriteSession = deed.work.session
    place = await find_place(session, ticket.customer_id, ticket.identity_id)
    rows = [_file_row(one, deed, ticket, place, deed.work.now) for one in attachments if one.file_id and one.remote_id]
    if rows:
        await session.execute(upsert_ignore(StoredFile, session.get_bind().dialect.name), rows)
        session.signal(FILES)


def _file_row(
    attachment: Attachment, deed: Deed, ticket: Ticket, conversation_id: int | None, now: datetime
) -> dict[str, Any]:
    return {
        "id": attachment.file_id,
        "account": deed.office.account,
        "customer_id": ticket.customer_id,
        "conversation_id": conversation_id,
        "uploaded_by_id": deed.agent.id,
        "remote_id": attachment.remote_id,
        "name": attachment.name[:250] if attachment.name else None,
        "media_type": attachment.media_type or "application/octet-stream",
        "kind": attachment.kind,
        "size": attachment.size,
        "attached_at": now,
        "due_at": now,
        "created_at": now,
    }

"""What somebody mends in a case's topic: what is held, what asks "are you sure?", what the customer reads already.

A guarantee that comes in by an edit is asked about as one that is typed at once.
"""

from sqlalchemy import select

from bot.telegram.desk import marks, speech
from bot.telegram.desk.deeds import Deed, Reply, Unclear
from bot.telegram.models import DeskDraft, DeskPost, Mark
from conversations import corrections
from conversations.desk import speaking, undoing, words, writing
from conversations.desk.undoing import AreYouSure
from conversations.desk_models import HeldReply
from conversations.desk_values import HeldState
from tickets.repository import get_ticket


async def mend(deed: Deed, text: str) -> Reply | None:
    """Another wording of one's own message.

    Raises:
        NotOwnWords, NotOwnReply, TakenBack
        What `writing.write` raises, of words that were never sent.
    """
    session = deed.work.session
    row = await speech.find_post(session, deed, deed.number)
    held = await speech.held_of(session, row)
    draft = await _find_asked(deed)
    if draft is not None:
        return await _mend_asked(deed, draft, row, held, text)
    if row is None or held is None or held.state is HeldState.UNDONE:
        return None
    if held.state is HeldState.HELD:
        return await _mend_held(deed, row, held, text)
    return await _mend_sent(deed, row, held, text)


async def _find_asked(deed: Deed) -> DeskDraft | None:
    """What the message said that waits for a yes."""
    if deed.topic is None:
        return None
    query = select(DeskDraft).where(DeskDraft.ticket_id == deed.topic.ticket_id, DeskDraft.origin == deed.number)
    return await deed.work.session.scalar(query.order_by(DeskDraft.id.desc()).limit(1))


async def _mend_asked(
    deed: Deed, draft: DeskDraft, row: DeskPost | None, held: HeldReply | None, text: str
) -> Reply | None:
    """The question stands as long as the words guarantee something; without that they go their usual way."""
    if words.guarantees(text):
        draft.text = text
        return None
    await deed.work.session.delete(draft)
    await deed.work.session.flush()
    if row is not None and held is not None and held.state is HeldState.SENT:
        return await _mend_sent(deed, row, held, text)
    return await speech.write(deed, text, draft.attachments, [deed.number])


async def _mend_held(deed: Deed, row: DeskPost, held: HeldReply, text: str) -> Reply | None:
    note = writing.read_note(text)
    if note is not None:
        await _undo(deed, row, held, Mark.NOTED)
        event = await speaking.note(deed.work, deed.actor, deed.case, note, in_group=True)
        row.held_id, row.event_id = None, event.id
        return None
    try:
        await undoing.change(deed.work, deed.actor, held.id, text)
    except AreYouSure:
        # What was meant no more does not go out while the question stands.
        await _undo(deed, row, held, Mark.UNDONE)
        ticket = await get_ticket(deed.work.session, deed.case)
        draft = await speech.keep_draft(
            deed, ticket, text, held.attachments, reply_to=held.reply_to_id, sure=True, origin=deed.number
        )
        return speech.are_you_sure(deed, f"send:{draft.id}")
    return None


async def _undo(deed: Deed, row: DeskPost, held: HeldReply, mark: Mark) -> None:
    await undoing.undo(deed.work, deed.actor, held.id)
    await marks.put(deed.work.session, deed.office, row, mark)


async def _mend_sent(deed: Deed, row: DeskPost, held: HeldReply, text: str, *, sure: bool = False) -> Reply | None:
    if held.message_id is None:
        return None
    try:
        await corrections.mend(deed.work, held.message_id, deed.actor, text, sure=sure)
    except AreYouSure:
        ticket = await get_ticket(deed.work.session, deed.case)
        draft = await speech.keep_draft(deed, ticket, text, sure=True, origin=deed.number)
        return speech.are_you_sure(deed, f"mend:{draft.id}")
    row.mark = Mark.HELD
    return None


async def mend_for_sure(deed: Deed, draft_id: str) -> Reply:
    """The customer reads the other words, which guarantee something. Raises Unclear, and what `mend` raises."""
    draft = await speech.get_draft(deed, draft_id)
    row = await speech.find_post(deed.work.session, deed, draft.origin)
    held = await speech.held_of(deed.work.session, row)
    if row is None or held is None:
        raise Unclear("gone")
    await _mend_sent(deed, row, held, draft.text, sure=True)
    await deed.work.session.delete(draft)
    return Reply(toast=deed.wording.say("said.mended"))

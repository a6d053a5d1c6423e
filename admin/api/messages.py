"""What an agent puts right in a reply of her own: other words, or none."""

from fastapi import APIRouter

from admin.api.context import Caller, Context, allowed
from admin.api.conversations import Reply
from admin.api.fields import PathId
from admin.api.shapes.message import MessageShape, message_shapes
from admin.api.writing import ApiRoute, Writing
from conversations import corrections
from conversations.models import Message
from core.database import WriteSession
from staff.permissions import Action

router = APIRouter(prefix="/messages", tags=["conversations"], route_class=ApiRoute)


@router.patch("/{id}", summary="Mend an own reply", dependencies=[allowed(Action.CORRECT_REPLY)])
async def mend(session: Writing, actor: Caller, context: Context, message_id: PathId, body: Reply) -> MessageShape:
    """The customer sees the new words in the old one's place; they come back as a message that `replaces` it."""
    work = await context.policies.work(session, context.clock.now(), actor.name)
    return await _shape(session, await corrections.mend(work, message_id, actor, body.text, sure=True))


@router.delete("/{id}", summary="Take an own reply back", dependencies=[allowed(Action.CORRECT_REPLY)])
async def take_back(session: Writing, actor: Caller, context: Context, message_id: PathId) -> MessageShape:
    """A message without words `replaces` it. Telegram deletes nothing that is older than two days: its delivery fails,
    with `not_deletable`.
    """
    work = await context.policies.work(session, context.clock.now(), actor.name)
    return await _shape(session, await corrections.take_back(work, message_id, actor))


async def _shape(session: WriteSession, message: Message) -> MessageShape:
    (shape,) = await message_shapes(session, [message])
    return shape

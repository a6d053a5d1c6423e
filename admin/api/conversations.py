"""Conversations, for agents: what waits, what was said, take, reply, hand back. Channels read their own account's."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Body, Cursor, Limit, PathId, ShortLine, Text
from admin.api.file_links import FilesDoor
from admin.api.shapes.conversation import ConversationShape, conversation_shape, conversation_shapes
from admin.api.shapes.message import MessageShape, message_shapes
from admin.api.working import Working
from admin.api.writing import ApiRoute
from conversations import repository
from conversations.channels import HTTP
from conversations.desk import holding, speaking
from conversations.repository import ConversationFilter, ConversationNotFound
from conversations.values import Owner
from core.database import ReadSession
from core.ids import MAX_ID
from staff.permissions import Action, may
from staff.values import Actor, Role
from tickets.vouchers import hide_codes

router = APIRouter(prefix="/conversations", tags=["conversations"], route_class=ApiRoute)

_LIST = "conversations"
_MESSAGES = "messages"


class Reply(Body):
    text: Annotated[Text, Field(min_length=1, examples=["您好，我是小李，这就帮您查。"])]


@router.get("", summary="List conversations", dependencies=[allowed(Action.LIST_CONVERSATIONS)])
async def list_conversations(
    session: Reading,
    state: Annotated[Owner | None, Query(description="`waiting`: a person was asked for.")] = None,
    channel: Annotated[ShortLine | None, Query(examples=["web"])] = None,
    customer: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A customer's id.")] = None,
    unanswered: Annotated[bool | None, Query(description="The customer wrote and nobody has answered.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ConversationShape]:
    """Newest first."""
    wanted = ConversationFilter(state=state, channel=channel, customer_id=customer, unanswered=unanswered)
    before = decode_cursor(_LIST, cursor)
    rows = await repository.list_conversations(session, wanted, before, limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda conversation: conversation.id)
    return Page(items=await conversation_shapes(session, shown), next_cursor=next_cursor)


@router.get("/{id}", summary="Show a conversation", dependencies=[allowed(Action.LIST_CONVERSATIONS)])
async def get_conversation(session: Reading, conversation_id: PathId) -> ConversationShape:
    return await conversation_shape(session, await repository.get_conversation(session, conversation_id))


@router.get("/{id}/messages", summary="Read what was said", dependencies=[allowed(Action.READ_MESSAGES)])
async def list_messages(
    session: Reading,
    actor: Caller,
    context: Context,
    files: FilesDoor,
    conversation_id: PathId,
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="The last `seq` that you know.")] = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MessageShape]:
    """Everything since message `after`, oldest first. A channel reads its own account's conversations, with the
    codes of vouchers; staff see the last four characters.
    """
    await _must_see(session, actor, conversation_id)
    since = decode_cursor(_MESSAGES, cursor) or after
    rows = await repository.list_messages(session, conversation_id, min(since, 2**31 - 1), limit + 1)
    shown, next_cursor = one_page(rows, limit, _MESSAGES, lambda message: message.seq)
    read = context.policies.codes.reveal if actor.role is Role.CHANNEL else hide_codes
    return Page(items=await message_shapes(session, shown, files.links.url, read), next_cursor=next_cursor)


async def _must_see(session: ReadSession, actor: Actor, conversation_id: int) -> None:
    """Raises ConversationNotFound, as for one that does not exist: another account's are not even confirmed."""
    conversation = await repository.get_conversation(session, conversation_id)
    if not may(actor, Action.READ_MESSAGES, own=conversation.account == account_of(actor)):
        raise ConversationNotFound(f"there is no conversation {conversation_id}")


def account_of(actor: Actor) -> str:
    """The account of another system's messages; it is the owner's of the key, so that a new key changes nothing."""
    return f"{HTTP}:{actor.name}"


@router.post("/{id}/take", summary="Take a conversation", dependencies=[allowed(Action.TAKE_CONVERSATION)])
async def take(work: Working, actor: Caller, conversation_id: PathId) -> ConversationShape:
    """The bot is silent from here on, and its ticket is yours. Somebody else's: 409."""
    conversation = await holding.take_conversation(work, actor, conversation_id)
    return await conversation_shape(work.session, conversation)


@router.post("/{id}/reply", summary="Reply to the customer", dependencies=[allowed(Action.REPLY)])
async def reply(work: Working, actor: Caller, conversation_id: PathId, body: Reply) -> MessageShape:
    """Reaches the customer on their channel under your alias. Only the one who took the conversation may reply."""
    message = await speaking.reply_in_conversation(work, actor, conversation_id, body.text)
    (shape,) = await message_shapes(work.session, [message])
    return shape


@router.post("/{id}/hand-back", summary="Hand back to the bot", dependencies=[allowed(Action.HAND_BACK)])
async def hand_back(work: Working, actor: Caller, conversation_id: PathId) -> ConversationShape:
    """The bot answers again and tells the customer so. A supervisor may do it for others."""
    conversation = await holding.hand_back_conversation(work, actor, conversation_id)
    return await conversation_shape(work.session, conversation)

"""The generic channel for other systems."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from admin.api.context import Caller, allowed
from admin.api.conversations import account_of
from admin.api.fields import CursorText, Limit
from admin.api.writing import ApiRoute, IdempotencyKey
from bot.http.outgoing import LONGEST_WAIT, read_outgoing
from bot.http.posting import HttpDoor, post_message
from bot.http.shapes import OutgoingPage, PostedAnswer, PostedMessage
from staff.permissions import Action

router = APIRouter(tags=["channel"], route_class=ApiRoute)


def http_door(request: Request) -> HttpDoor:
    door = request.app.state.http_door
    assert isinstance(door, HttpDoor)
    return door


Door = Annotated[HttpDoor, Depends(http_door)]


@router.post("/messages", summary="Post a customer's message", dependencies=[allowed(Action.POST_MESSAGE)])
async def post(door: Door, actor: Caller, key: IdempotencyKey, body: PostedMessage) -> PostedAnswer:
    """Returns what the bot answers. The same `message_id` again returns the same and does nothing twice.

    Messages that arrive while one is being answered are read together and return the same messages. No answer within
    20 seconds: 503; the message is kept, ask again with the same `message_id`.
    """
    return await post_message(door, actor, body, key)


@router.get("/outgoing", summary="Read what was said unasked", dependencies=[allowed(Action.READ_OUTGOING)])
async def outgoing(
    door: Door,
    actor: Caller,
    after: Annotated[CursorText | None, Query(description="`next_cursor` of the last answer.")] = None,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for something.")] = 0,
    limit: Limit = 50,
) -> OutgoingPage:
    """What went to your account's customers other than as an answer: an agent's reply, a follow-up. Oldest first."""
    return await read_outgoing(door, account_of(actor), after, limit, wait)

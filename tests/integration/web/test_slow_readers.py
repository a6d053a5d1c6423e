"""A browser that does not read what it is sent costs little, keeps nobody waiting, and is let go."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import select
from websockets.asyncio.client import connect

from conversations import timeline
from conversations.models import Account, Conversation
from conversations.threads import Thread
from conversations.values import OutgoingMessage
from customers.models import ChannelIdentity
from tests.support.app import RunningApp
from tests.support.articles import DELIVERY_ANSWER
from tests.support.web_visitor import WebVisitor, new_visitor, visiting

_MESSAGES = 800
_PATIENCE = 30.0  # seconds
_LONG = "茶" * 3000
#: What the feed holds at most for one reader: room for one more query's messages, and those.
_FULL, _MOST_FRAMES = 200, 701


@asynccontextmanager
async def not_reading(visitor: WebVisitor) -> AsyncIterator[None]:
    """A socket of the visitor's that says hello and then reads nothing at all."""
    host, port = visitor.url.removeprefix("http://").split(":")
    line = sockets.socket()
    line.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    address = f"ws://{host}:{port}/chat/socket"
    async with connect(address, sock=line, proxy=None, max_queue=1, compression=None) as connection:
        await connection.send(f'{{"type": "hello", "token": "{visitor.token}", "after": 0}}')
        connection.transport.pause_reading()
        yield
        connection.transport.abort()


async def write_much(app: RunningApp, visitor: WebVisitor) -> None:
    """Far more than fits between a server and a browser."""
    words = [OutgoingMessage(f"{number} {_LONG}") for number in range(_MESSAGES)]
    async with app.database.write() as session:
        query = select(Conversation, Account, ChannelIdentity).join_from(Conversation, Account)
        query = query.join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        row = (await session.execute(query.where(Conversation.id == visitor.conversation))).one()
        await timeline.say_all(session, Thread(*row), words, app.clock.now())


async def let_go(app: RunningApp, sockets_left: int) -> int:
    """The most frames that lay there for one reader until only so many were left."""
    most = 0
    feed = app.site.web.feed
    async with asyncio.timeout(_PATIENCE):
        while feed.sockets > sockets_left:
            most = max(most, *(frames for frames in feed.waiting))
            await asyncio.sleep(0.02)
    return most


async def test_who_does_not_read_is_let_go_and_catches_up_later(app: RunningApp) -> None:
    app.site.app.state.web_door = replace(app.site.web, send_seconds=1.0)
    slow = await new_visitor(app.url)
    async with visiting(app.url) as other, not_reading(slow):
        await write_much(app, slow)
        await other.say("多久能送到？", "a1")
        await other.sees(DELIVERY_ANSWER)
        most = await let_go(app, sockets_left=1)
        assert _FULL <= most <= _MOST_FRAMES
    await slow.connect()
    await slow.until(lambda visitor: len(visitor.messages) >= _MESSAGES, _PATIENCE)
    numbers = [int(message["text"].split()[0]) for message in slow.messages if message["text"].endswith(_LONG)]
    assert numbers == list(range(_MESSAGES))
    await slow.leave()

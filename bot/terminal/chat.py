"""`kefu chat`: a conversation in the terminal. Lines go in, the timeline comes out; a number chooses a button."""

import asyncio
import getpass
import sys
import threading
from collections.abc import AsyncIterator, Callable

from bot.terminal.rendering import render
from conversations import channels, inbox, repository
from conversations.models import InboxEvent
from conversations.values import InboxState, Said, Visitor
from core.clock import Clock
from core.database import Database
from core.ids import new_token
from core.signals import MESSAGES

ACCOUNT = "terminal"
_LEAVE = frozenset({"/quit", "/exit", "/q"})
_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 20
_PENDING = (InboxState.PENDING, InboxState.WORKING)


class TerminalChat:
    """One person at one terminal; their talk goes on where it was left.

    `write` is called with each block of text that the person should see.
    """

    def __init__(
        self, database: Database, clock: Clock, person: str | None = None, write: Callable[[str], object] = print
    ) -> None:
        self._database = database
        self._clock = clock
        self._person = person or getpass.getuser()
        self._write = write
        self._shown = 0

    async def run(self) -> None:
        """Talks until /quit or the end of the input."""
        await self.begin()
        self._write("Talk to the bot. A number chooses a button, /help tells what it can do, /quit leaves.")
        showing = asyncio.create_task(self._keep_showing())
        try:
            async for line in _typed_lines():
                if line in _LEAVE:
                    break
                if line:
                    await self.say(line)
        finally:
            showing.cancel()

    async def begin(self) -> None:
        """Skips what was said in earlier visits."""
        async with self._database.write() as session:
            await repository.ensure_account(session, ACCOUNT, channels.TERMINAL, self._clock.now())
            conversation = await repository.find_conversation(session, ACCOUNT, self._person)
            self._shown = conversation.last_seq if conversation else 0

    async def say(self, text: str) -> None:
        """Sends one line and returns when its answer has been shown, or after 20 s without one."""
        event_id = await self._receive(text)
        with self._database.signals.subscribe(MESSAGES) as news:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    while await self._is_pending(event_id):
                        await news.wait(_LOOK_SECONDS)
            except TimeoutError:
                self._write("(no answer yet; it will appear here)")
        await self.show_new()

    async def _receive(self, text: str) -> int:
        now, message_id = self._clock.now(), new_token()
        said = Said(visitor=Visitor(external_id=self._person), at=now, message_id=message_id, text=text)
        async with self._database.write() as session:
            received = await inbox.receive(
                session,
                account=ACCOUNT,
                external_id=message_id,
                lane=self._person,
                raw=said.model_dump(mode="json"),
                now=now,
            )
        return received.id

    async def _is_pending(self, event_id: int) -> bool:
        async with self._database.read() as session:
            event = await session.get(InboxEvent, event_id)
            return event is not None and event.state in _PENDING

    async def show_new(self) -> None:
        """Writes what was said to this person since the last look."""
        async with self._database.read() as session:
            conversation = await repository.find_conversation(session, ACCOUNT, self._person)
            if conversation is None:
                return
            messages = await repository.list_messages(session, conversation.id, self._shown)
        for message in messages:
            if message.seq > self._shown:
                self._shown = message.seq
                shown = render(message)
                if shown:
                    self._write(shown)

    async def _keep_showing(self) -> None:
        """Shows what comes unasked: an agent's reply, a message of the bot's own accord."""
        with self._database.signals.subscribe(MESSAGES) as news:
            while True:
                await news.wait(_LOOK_SECONDS * 4)
                await self.show_new()


async def _typed_lines() -> AsyncIterator[str]:
    """Lines of the standard input, read by a thread that never keeps the process alive."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.strip())
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True, name="stdin").start()
    while (line := await lines.get()) is not None:
        yield line

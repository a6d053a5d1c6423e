"""`kefu chat`: a conversation in the terminal. Lines go in, the timeline comes out; a number chooses a button."""

import asyncio
import getpass
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

from bot.terminal.rendering import render
from conversations import channels, inbox, repository
from conversations.media import Cleaned
from conversations.models import InboxEvent
from conversations.uploads import MOST_BYTES, Taker, Uploader, attach, note_upload, write_upload
from conversations.values import Attachment, InboxState, Said, Visitor
from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from core.errors import InvalidInput, LimitExceeded
from core.files import FileStore, FileTooLarge
from core.ids import new_token
from core.signals import MESSAGES
from core.tasks import end
from customers.identities import Newcomer, ensure_identity
from tickets.vouchers import VoucherCodes

ACCOUNT = "terminal"
_FILE = "/file "
_LEAVE = frozenset({"/quit", "/exit", "/q"})
_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 20
_PENDING = (InboxState.PENDING, InboxState.WORKING)


class TerminalChat:
    """One person at one terminal; their talk goes on where it was left.

    `files` is where `/file PATH` puts what it attaches; `write` is called with each block of text to be seen.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        files: FileStore,
        codes: VoucherCodes,
        person: str | None = None,
        write: Callable[[str], object] = print,
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._codes = codes
        self._person = person or getpass.getuser()
        self._write = write
        self._conversation: int | None = None
        self._shown = 0

    async def run(self) -> None:
        """Talks until /quit or the end of the input."""
        await self.begin()
        self._write("Talk to the bot. A number chooses a button, /help tells what it can do, /quit leaves.")
        self._write("/file PATH sends a file.")
        showing = asyncio.create_task(self._keep_showing())
        try:
            async for line in _typed_lines():
                if line in _LEAVE:
                    break
                if line:
                    await self.say(line)
        finally:
            await end(showing)

    async def begin(self) -> None:
        """Skips what was said in earlier visits."""
        async with self._database.write() as session:
            await repository.ensure_account(session, ACCOUNT, channels.TERMINAL, self._clock.now())
            conversation = await repository.find_conversation(session, ACCOUNT, self._person)
            self._conversation = conversation.id if conversation else None
            self._shown = conversation.last_seq if conversation else 0

    async def say(self, text: str) -> None:
        """Sends one line and returns when its answer has been shown, or after 20 s without one."""
        try:
            event_id = await self._receive(text)
        except (InvalidInput, LimitExceeded, OSError) as error:
            self._write(f"({_in_words(error)})")
            return
        with self._database.signals.subscribe(MESSAGES) as news:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    while await self._is_pending(event_id):
                        await news.wait(_LOOK_SECONDS)
            except TimeoutError:
                self._write("(no answer yet; it will appear here)")
        await self.show_new()

    async def _receive(self, text: str) -> int:
        """Raises OSError, FileRefused, FileTooLarge for a `/file PATH` that cannot be sent."""
        now, message_id = self._clock.now(), new_token()
        upload = await self._upload(text.removeprefix(_FILE)) if text.startswith(_FILE) else None
        async with self._database.write() as session:
            files = await self._attach(session, *upload, now) if upload else ()
            said = Said(
                visitor=Visitor(external_id=self._person),
                at=now,
                message_id=message_id,
                text="" if upload else text,
                attachments=files,
            )
            received = await inbox.receive(
                session,
                account=ACCOUNT,
                external_id=message_id,
                lane=self._person,
                raw=said.model_dump(mode="json"),
                now=now,
            )
        return received.id

    async def _upload(self, named: str) -> tuple[str, Cleaned]:
        path = Path(named.strip()).expanduser()
        if path.stat().st_size > MOST_BYTES:
            raise FileTooLarge(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB", retry_after=0)
        return await write_upload(self._files, path.read_bytes(), path.name)

    async def _attach(
        self, session: WriteSession, file_id: str, cleaned: Cleaned, now: datetime
    ) -> tuple[Attachment, ...]:
        identity = await ensure_identity(session, Newcomer(account=ACCOUNT, external_id=self._person), now)
        uploader = Uploader(account=ACCOUNT)
        note_upload(session, uploader, file_id, cleaned, now)
        await session.flush()
        return await attach(session, uploader, [file_id], Taker(ACCOUNT, identity.customer_id), now)

    async def _is_pending(self, event_id: int) -> bool:
        async with self._database.read() as session:
            event = await session.get(InboxEvent, event_id)
            return event is not None and event.state in _PENDING

    async def show_new(self) -> None:
        """Writes what was said to this person since the last look."""
        async with self._database.read() as session:
            await self._find_conversation(session)
            if self._conversation is None:
                return
            messages = await repository.list_messages(session, self._conversation, self._shown)
        for message in messages:
            if message.seq > self._shown:
                self._shown = message.seq
                shown = render(message, self._codes.reveal, self._files.find)
                if shown:
                    self._write(shown)

    async def _find_conversation(self, session: ReadSession) -> None:
        """The person's own; once they are erased still the one that was theirs, until they write again."""
        found = await repository.find_conversation(session, ACCOUNT, self._person)
        if found is not None and found.id != self._conversation:
            self._conversation, self._shown = found.id, 0

    async def _keep_showing(self) -> None:
        """Shows what comes unasked: an agent's reply, a message of the bot's own accord."""
        with self._database.signals.subscribe(MESSAGES) as news:
            while True:
                await news.wait(_LOOK_SECONDS * 4)
                await self.show_new()


def _in_words(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


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

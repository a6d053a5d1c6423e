"""A telephone line between browser and server that can be cut, mended and left hanging."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Line:
    """Forwards TCP from its own port to `target`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.hangs = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def mend(self) -> None:
        """Connections go through (again)."""
        self.hangs = False
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Every connection breaks off, new ones are refused."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        async with self._held(writer, far_writer), asyncio.TaskGroup() as both:
            both.create_task(self._forward(reader, far_writer))
            both.create_task(self._forward(far_reader, writer))

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if not self.hangs:
                    writer.write(data)
                    await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def _held(self, *writers: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._writers.update(writers)
        try:
            yield
        finally:
            self._writers.difference_update(writers)
            for writer in writers:
                writer.transport.abort()

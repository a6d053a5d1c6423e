"""A test server in a process of its own, driven over its control API."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx

from tests.telegram_server.server import TOKEN


class RemoteTelegramServer:
    """`control("act", does="says", user={"user_id": 71}, text="hi")`: names and parameters as in `control.py`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=60)

    def close(self) -> None:
        self._client.close()

    def control(self, name: str, **parameters: Any) -> Any:
        """Raises AssertionError with the server's reason."""
        answer = self._client.post(f"/control/{name}", json=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def texts(self, chat_id: int) -> list[str]:
        """What the bot wrote to a chat, in order."""
        return [message.get("text", "") for message in self.messages(chat_id)]

    def messages(self, chat_id: int) -> list[Any]:
        """The bot's messages to a chat as they were sent, in order."""
        entries = self.control("deliveries", chat_id=chat_id)
        return [each["message"] for each in entries if each["message"] and each["method"].startswith(("send", "copy"))]


@contextmanager
def telegram_process(token: str = TOKEN) -> Iterator[RemoteTelegramServer]:
    """`python -m tests.telegram_server` on a free port, ended with the block."""
    command = [sys.executable, "-m", "tests.telegram_server", "--port", "0", "--token", token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            with closing(RemoteTelegramServer(process.stdout.readline().strip())) as server:
                yield server
        finally:
            process.terminate()

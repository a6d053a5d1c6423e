"""`kefu run` as an owner starts it: with a token in `.env`, nothing else is needed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import TelegramMode
from tests.support.telegram_bot import free_port
from tests.telegram_server.client import RemoteTelegramServer, telegram_process
from tests.telegram_server.server import TOKEN


def write_settings(folder: Path, server: RemoteTelegramServer, mode: TelegramMode) -> None:
    port = free_port()
    lines = [f"KEFU_TELEGRAM_TOKEN={TOKEN}", f"KEFU_TELEGRAM_API_URL={server.url}", f"KEFU_PORT={port}"]
    lines += [
        "KEFU_EMBEDDER=none",
        "KEFU_SAMPLE_DATA=false",
        f"KEFU_TELEGRAM_MODE={mode}",
        f"KEFU_PUBLIC_URL=http://127.0.0.1:{port}",
    ]
    (folder / ".env").write_text("\n".join(lines))


def until_told(server: RemoteTelegramServer, count: int) -> list[str]:
    """What the customer was told, as soon as it is so many messages. Raises AssertionError after a minute."""
    deliveries = server.control("deliveries", chat_id=71, wait=30)
    deadline = time.monotonic() + 30
    while len(server.texts(71)) < count:
        assert time.monotonic() < deadline, deliveries
        server.control("deliveries", after=len(deliveries), chat_id=71, wait=1)
    return server.texts(71)


@contextmanager
def running_kefu(folder: Path) -> Iterator[None]:
    """`kefu run` in `folder` during the block; ended by SIGTERM, in good order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", "from bot.cli.main import main; main()", "run"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as kefu:
        try:
            yield
        finally:
            kefu.send_signal(signal.SIGTERM)
            code = kefu.wait(30)
    assert code == 0


def test_a_token_is_all_it_takes_first_to_poll_then_by_webhook_and_sigterm_ends_it_in_good_order(
    tmp_path: Path,
) -> None:
    with telegram_process() as server:
        server.control("open_chats", ids=[71])
        for number, mode in enumerate(TelegramMode, 1):
            write_settings(tmp_path, server, mode)
            with running_kefu(tmp_path):
                server.control("act", does="says", user={"user_id": 71, "language_code": "zh"}, text="你好")
                until_told(server, number)
        assert "自动客服" in server.texts(71)[0]
        assert {"description", "commands"} <= set(server.control("state")["profile"])

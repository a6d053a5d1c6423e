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
    """What the customer was told, as soon as it is so many messages. Raises AssertionError after two minutes."""
    deadline = time.monotonic() + 120
    while len(told := server.texts(71)) < count:
        assert time.monotonic() < deadline, told
        server.control("deliveries", after=1_000_000, wait=0.2)
    return told


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
            code = kefu.wait(60)
    assert code == 0


def write_at_once(server: RemoteTelegramServer, chats: range) -> None:
    server.control("open_chats", ids=list(chats))
    for chat in chats:
        server.control("act", does="says", user={"user_id": chat, "language_code": "zh"}, text="你好")


def until_all_told(server: RemoteTelegramServer, count: int) -> None:
    """Raises AssertionError when two minutes bring less than so many messages in all."""
    deadline = time.monotonic() + 120
    while (told := server.control("state")["new_messages"]) < count:
        assert time.monotonic() < deadline, f"{told} of {count}"
        server.control("deliveries", after=1_000_000, wait=0.2)


def test_a_token_is_all_it_takes_first_to_poll_then_by_webhook_and_sigterm_ends_it_in_good_order(
    tmp_path: Path,
) -> None:
    """It is stopped each time in the moment in which many write: the next start answers what is left, nobody twice."""
    polling, webhook = TelegramMode
    crowds = [range(100, 120), range(200, 220)]
    with telegram_process() as server:
        server.control("open_chats", ids=[71])
        for number, mode in enumerate((polling, webhook, webhook)):
            write_settings(tmp_path, server, mode)
            with running_kefu(tmp_path):
                server.control("act", does="says", user={"user_id": 71, "language_code": "zh"}, text="你好")
                until_told(server, number + 1)
                until_all_told(server, number + 1 + sum(len(crowd) for crowd in crowds[:number]))
                if number < len(crowds):
                    write_at_once(server, crowds[number])
        assert "自动客服" in server.texts(71)[0]
        assert [len(server.texts(chat)) for crowd in crowds for chat in crowd] == [1] * 40
        assert {"description", "commands"} <= set(server.control("state")["profile"])

"""Long work shows how far it is, to whoever looks at a terminal."""

import os
import pty
import subprocess
import sys

LONG_WORK = """
from bot.cli.progress import bar
with bar("Importing") as advance:
    advance(1, 2)
"""


def work(stderr: int) -> None:
    subprocess.run([sys.executable, "-c", LONG_WORK], stderr=stderr, check=True, timeout=60)


def test_a_terminal_sees_what_is_done_and_how_much_there_is() -> None:
    screen, terminal = pty.openpty()
    try:
        work(terminal)
        seen = os.read(screen, 1 << 16).decode()
    finally:
        os.close(terminal)
        os.close(screen)
    assert "Importing" in seen
    assert "1/2" in seen


def test_a_script_sees_nothing_of_it() -> None:
    reading, writing = os.pipe()
    work(writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as seen:
        assert seen.read() == b""

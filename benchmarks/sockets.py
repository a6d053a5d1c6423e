"""2,000 pages that are open and 200 visitors who talk, on one `kefu run`: memory a socket, waits, a kill in the middle.

The sample shop on SQLite; each talker asks every ten seconds, so 20 questions a second in all, from the frame that asks
to the frame that answers. Then the process is killed while everybody talks, started anew, and every page comes back: no
message may be missing, none be there twice, and none stay without an answer.
"""

import asyncio
import resource
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from websockets.exceptions import ConnectionClosed

from tests.support.program import Program, running_kefu
from tests.support.web_visitor import WebVisitor, browser

IDLE, TALKING = 2_000, 200
QUESTIONS = ("龙井怎么泡", "do you ship to Canada?", "运费多少", "how long does delivery take", "能开发票吗")
_ROUNDS, _PAUSE = 4, 10.0
_AT_ONCE = 50
_PATIENCE = 60.0


@dataclass
class Talker:
    """A visitor who asks; `waits` in seconds, `sent` what she asked under which id."""

    visitor: WebVisitor
    waits: list[float] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)

    async def ask(self, number: int) -> None:
        id_, text = f"q{number}", QUESTIONS[number % len(QUESTIONS)]
        self.sent[id_] = text
        began, before = time.perf_counter(), len(self.visitor.by("bot"))
        try:
            await self.visitor.say(text, id_)
        except ConnectionClosed:
            return  # it goes out again once she is back
        await self.visitor.until(lambda seen: len(seen.by("bot")) > before or seen.close_code is not None, _PATIENCE)
        if self.visitor.close_code is None:
            self.waits.append(time.perf_counter() - began)

    async def come_back(self) -> None:
        """As the page does: reads on from what it has, and says again what has not come back."""
        await self.visitor.connect()
        there = {frame["message_id"] for frame in self.visitor.by("customer")}
        for id_, text in self.sent.items():
            if id_ not in there:
                await self.visitor.say(text, id_)

    async def until_answered(self) -> None:
        """All that she said is there, and the last word is the bot's."""
        await self.visitor.until(
            lambda seen: len(seen.by("customer")) >= len(self.sent) and seen.messages[-1]["author"] == "bot", _PATIENCE
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def _open(url: str, count: int) -> list[WebVisitor]:
    """So many new visitors with a socket each."""
    turn = asyncio.Semaphore(_AT_ONCE)
    async with browser(url) as client:
        return list(await asyncio.gather(*(_visit(url, client, turn) for _ in range(count))))


async def _visit(url: str, client: httpx.AsyncClient, turn: asyncio.Semaphore) -> WebVisitor:
    async with turn:
        opened = (await client.post("/chat/session", json={})).raise_for_status().json()
        visitor = WebVisitor(url, opened["token"], opened["conversation"])
        await visitor.connect()
        await visitor.until(lambda seen: seen.state, _PATIENCE)
        return visitor


def _memory(program: Program) -> float:
    """Of the process and its children, in kB."""
    process = psutil.Process(program.process.pid)
    return sum(float(one.memory_info().rss) for one in (process, *process.children(recursive=True))) / 1_000


async def _talk(talkers: Sequence[Talker], rounds: range) -> None:
    async def one(talker: Talker, delay: float) -> None:
        await asyncio.sleep(delay)
        for number in rounds:
            began = time.perf_counter()
            await talker.ask(number)
            await asyncio.sleep(max(0.0, _PAUSE - (time.perf_counter() - began)))

    await asyncio.gather(*(one(talker, _PAUSE * place / len(talkers)) for place, talker in enumerate(talkers)))


def _at(waits: Sequence[float], share: float) -> float:
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * share))] * 1_000


async def _measure(program: Program) -> tuple[list[WebVisitor], list[Talker]]:
    await _open(program.url, 1)
    before, began = _memory(program), time.perf_counter()
    idle = await _open(program.url, IDLE)
    took, each = time.perf_counter() - began, (_memory(program) - before) / IDLE
    print(f"  {IDLE} idle sockets: {each:.1f} kB each, opened at {IDLE / took:.0f}/s", flush=True)
    talkers = [Talker(visitor) for visitor in await _open(program.url, TALKING)]
    await _talk(talkers, range(1))  # the first of each also greets
    for talker in talkers:
        talker.waits.clear()
    await _talk(talkers, range(1, _ROUNDS))
    waits = [wait for talker in talkers for wait in talker.waits]
    times = f"p50 {_at(waits, 0.5):.0f} ms, p99 {_at(waits, 0.99):.0f} ms"
    print(f"  {TALKING} talking, {len(waits)} answers at {TALKING / _PAUSE:.0f}/s: {times}", flush=True)
    return idle, talkers


async def _kill_while_they_talk(program: Program, talkers: Sequence[Talker]) -> None:
    talking = asyncio.create_task(_talk(talkers, range(_ROUNDS, _ROUNDS + 1)))
    await asyncio.sleep(_PAUSE / 2)
    program.kill()
    await talking


async def _all_back(idle: Sequence[WebVisitor], talkers: Sequence[Talker]) -> None:
    began = time.perf_counter()
    await asyncio.gather(*(talker.come_back() for talker in talkers))
    for visitor in idle:
        visitor.frames.clear()
        await visitor.connect()
    await asyncio.gather(*(talker.until_answered() for talker in talkers))
    await asyncio.gather(*(visitor.until(lambda seen: seen.state, _PATIENCE) for visitor in idle))
    print(f"  killed and started anew: everybody back and answered after {time.perf_counter() - began:.1f} s")


def _judge(talkers: Sequence[Talker]) -> None:
    lost = doubled = 0
    for talker in talkers:
        times = Counter(frame["message_id"] for frame in talker.visitor.by("customer"))
        ids = [frame["id"] for frame in talker.visitor.messages]
        lost += sum(id_ not in times for id_ in talker.sent)
        doubled += sum(count - 1 for count in times.values()) + len(ids) - len(set(ids))
    print(f"  of {sum(len(talker.sent) for talker in talkers)} messages {lost} lost, {doubled} doubled")


async def _run() -> None:
    port = str(_free_port())
    plenty = {"KEFU_MESSAGES_PER_MINUTE": "10000"}
    with tempfile.TemporaryDirectory() as folder:
        async with running_kefu(Path(folder), "--port", port, **plenty) as program:
            idle, talkers = await _measure(program)
            await _kill_while_they_talk(program, talkers)
        async with running_kefu(Path(folder), "--port", port, **plenty) as program:
            await _all_back(idle, talkers)
            _judge(talkers)
            await asyncio.gather(*(visitor.leave() for visitor in (*idle, *(talker.visitor for talker in talkers))))
            await program.stop()


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 16_384)), hard))
    asyncio.run(_run())


if __name__ == "__main__":
    main()

"""Browsers that chat with a served shop, in a process of their own: `python -m benchmarks._browsers URL TOTAL CORE`.

Prints how long all of it and each answer took, in seconds, as JSON.
"""

import asyncio
import json
import os
import sys
import time
from itertools import cycle, islice

from tests.support.web_visitor import WebVisitor, visiting

QUESTIONS = (
    "龙井怎么泡",
    "do you ship to Canada?",
    "运费多少",
    "how long does delivery take",
    "能开发票吗",
    "opening hours",
)
CHATS = 50
PATIENCE = 120


async def browse(url: str, total: int) -> list[float]:
    """`CHATS` browsers, each asking its next question when the last was answered; the seconds that each answer took."""
    waits: list[float] = []

    async def chat(number: int) -> None:
        async with visiting(url, language="en") as visitor:
            texts = islice(cycle(QUESTIONS), number, number + total // CHATS)
            for turn, text in enumerate(texts):
                start = time.perf_counter()
                await visitor.say(text, f"q{turn}")
                await _answered(visitor, turn + 1)
                waits.append(time.perf_counter() - start)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as browsers:
        for number in range(CHATS):
            browsers.create_task(chat(number))
    return waits


async def _answered(visitor: WebVisitor, turns: int) -> None:
    """Until the bot has spoken after each of `turns` questions: its newest word stands behind the newest question."""
    await visitor.until(
        lambda seen: len(seen.by("customer")) >= turns and seen.messages[-1]["author"] == "bot", seconds=PATIENCE
    )


def main(url: str, total: int, core: int) -> None:
    os.sched_setaffinity(0, {core})
    began = time.perf_counter()
    waits = asyncio.run(browse(url, total))
    print(json.dumps({"took": time.perf_counter() - began, "waits": waits}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

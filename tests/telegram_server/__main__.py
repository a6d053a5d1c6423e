"""`python -m tests.telegram_server --port N`: prints its address once it serves, and runs until it is ended."""

import argparse
import asyncio
import signal
import sys

from tests.telegram_server.server import TOKEN, TelegramServer


async def serve(port: int, token: str) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with TelegramServer(port=port, token=token) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A Bot API server for tests")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.token))

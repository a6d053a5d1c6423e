"""A server of one's own, for tests that take the database away."""

import asyncio

from sqlalchemy import text

from core.database import Database
from tests.support.postgres import PostgresServer, running_postgres


async def _answers(server: PostgresServer) -> bool:
    database = Database(server.url("postgres"))
    try:
        async with database.read() as session:
            return bool(await session.scalar(text("SELECT 1")))
    except OSError:
        return False
    finally:
        await database.close()


async def test_a_stopped_server_is_gone_and_a_started_one_is_back() -> None:
    with running_postgres() as server:
        assert await _answers(server)
        server.stop()
        assert not await _answers(server)
        await asyncio.to_thread(server.start)
        assert await _answers(server)

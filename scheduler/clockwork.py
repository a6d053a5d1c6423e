"""The metronome: calls each job at its interval. It stores nothing; what is due lies in the database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.tasks import end
from scheduler.jobs import Job, Shop

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_jobs(shop: Shop, jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Ticks during the block. A job that still runs is not begun again; a tick that was missed is made up for once.

    What runs at the end of the block is cut short, and has let go of the database when the block is left.
    """
    running: set[asyncio.Task[Any] | None] = set()

    async def tick(job: Job) -> None:
        running.add(mine := asyncio.current_task())
        try:
            await run_once(shop, job)
        except asyncio.CancelledError:  # by the end of the block; APScheduler would log it as a fault
            log.info("job_cut_short", job=job.name)
        finally:
            running.discard(mine)

    scheduler = AsyncIOScheduler(timezone="UTC")
    for job in jobs:
        scheduler.add_job(
            tick, "interval", seconds=job.seconds, args=(job,), id=job.name, coalesce=True, max_instances=1
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await end(*(task for task in running if task))


async def run_once(shop: Shop, job: Job) -> None:
    """One tick. Whatever goes wrong is in the log, and tried again at the next one."""
    try:
        done = await job.run(shop)
    except Exception as error:
        log.error("job_failed", job=job.name, exc_info=error)
    else:
        if done:
            log.info("job_done", job=job.name, done=done)

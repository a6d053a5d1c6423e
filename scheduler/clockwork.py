"""The metronome: calls each job at its interval. It stores nothing; what is due lies in the database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.jobs import Job, Shop

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_jobs(shop: Shop, jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Ticks during the block. A job that still runs is not begun again; a tick that was missed is made up for once."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    for job in jobs:
        scheduler.add_job(
            run_once, "interval", seconds=job.seconds, args=(shop, job), id=job.name, coalesce=True, max_instances=1
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def run_once(shop: Shop, job: Job) -> None:
    """One tick. Whatever goes wrong is in the log, and tried again at the next one."""
    try:
        done = await job.run(shop)
    except Exception as error:
        log.error("job_failed", job=job.name, exc_info=error)
    else:
        if done:
            log.info("job_done", job=job.name, done=done)

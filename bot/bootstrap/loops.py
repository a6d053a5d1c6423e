"""The loops that run in every process: inbox, outbox, the knowledge base's watch, signals of other processes."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import structlog

from admin.follow_ups import office_of
from bot.bootstrap.push import PushDoor, by_account
from bot.bootstrap.services import Services, decoders
from conversations.admission import Admission
from conversations.deliveries import Sender
from conversations.held_replies import HeldReplies
from conversations.inbox import InboxLoop
from conversations.outbox import OutboxLoop
from conversations.values import Language
from core.files import FolderStore
from core.listeners import listen
from core.tasks import end
from scheduler.clockwork import running_jobs
from scheduler.follow_up_jobs import follow_up_jobs
from scheduler.housekeeping import housekeeping
from scheduler.jobs import JOBS, Shop
from scheduler.keeping import KeepingTimes
from scheduler.privacy_requests import privacy_requests

log = structlog.get_logger(__name__)
_DRAIN_SECONDS = 20


@asynccontextmanager
async def running_loops(
    services: Services, senders: Mapping[str, Sender] | None = None, doors: tuple[PushDoor, ...] = ()
) -> AsyncIterator[asyncio.Event]:
    """Runs the loops during the block, then lets them finish what they have begun.

    The event that is yielded is set when a loop has ended by itself, which it never should: the process then stops.
    """
    settings = services.settings
    handler = by_account(services.conversations.handle, doors)
    inbox = InboxLoop(services.database, services.clock, decoders(doors), handler, services.worker_id)
    all_senders = {**(senders or {}), **{door.account: door.sender for door in doors}}
    admission = Admission(
        services.policies.rulebook, settings.timezone, Language(settings.language.value), services.policies
    )
    outbox = OutboxLoop(services.database, services.clock, all_senders, services.worker_id, admission=admission)
    ended = asyncio.Event()
    held = HeldReplies(services.database, services.clock, services.policies)
    loops = {"inbox": inbox, "outbox": outbox, "held_replies": held}
    finishing = [asyncio.create_task(loop.run(), name=name) for name, loop in loops.items()]
    background = [
        asyncio.create_task(services.knowledge.watch(), name="knowledge"),
        asyncio.create_task(listen(services.database), name="signals"),
        *(asyncio.create_task(run(), name=name) for door in doors for name, run in door.loops.items()),
    ]
    for task in (*finishing, *background):
        task.add_done_callback(lambda done: _report(done, ended))
    try:
        async with _timed_jobs(services):
            yield ended
    finally:
        for loop in loops.values():
            loop.stop()
        await asyncio.wait(finishing, timeout=_DRAIN_SECONDS)
        await end(*finishing, *background)


def _timed_jobs(services: Services) -> AbstractAsyncContextManager[None]:
    """The jobs of KEFU_SCHEDULER, if this process is to run them."""
    if not services.settings.scheduler:
        return nullcontext()
    settings = services.settings
    files = FolderStore(settings.data_dir / "files")
    more = housekeeping(KeepingTimes.of(settings), files, services.policies.rulebook, services.knowledge)
    privacy = privacy_requests(settings.data_dir, files, services.secretbox)
    first = follow_up_jobs(office_of(settings, services.policies.rulebook))
    jobs = (*JOBS, *more, privacy, *first)
    return running_jobs(Shop(services.database, services.clock, services.policies), jobs)


def _report(task: asyncio.Task[None], ended: asyncio.Event) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("loop_failed", loop=task.get_name(), exc_info=task.exception())
    ended.set()

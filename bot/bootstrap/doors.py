"""One opener a door, each importing its door when it is opened: what is not used costs no start-up time."""

from bot.bootstrap.started import OnStart
from core.settings import Settings


async def serve(settings: Settings, on_start: OnStart) -> None:
    """`kefu run`: HTTP, the web chat and the loops."""
    from bot.bootstrap.serve import run_everything

    await run_everything(settings, on_start)


async def work(settings: Settings, on_start: OnStart) -> None:
    """`kefu worker`: the loops alone."""
    from bot.bootstrap.serve import run_worker

    await run_worker(settings, on_start)


async def chat(settings: Settings) -> None:
    """`kefu chat`: the terminal."""
    from bot.bootstrap.first_start import load_sample_once
    from bot.bootstrap.loops import running_loops
    from bot.bootstrap.services import build_services
    from bot.bootstrap.storage import open_database
    from bot.terminal.chat import TerminalChat
    from core.clock import SystemClock
    from core.files import FolderStore

    clock = SystemClock()
    async with open_database(settings, clock) as database:
        await load_sample_once(database, clock, settings)
        services = await build_services(settings, clock, database)
        async with running_loops(services):
            files = FolderStore(settings.data_dir / "files")
            await TerminalChat(services.database, services.clock, files, services.policies.codes).run()

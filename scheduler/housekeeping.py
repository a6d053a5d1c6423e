"""The jobs that need more of the installation than a database: dated publishing, keeping times, tiers and stages."""

from core.files import FileStore
from core.rulebook import Rulebook
from customers.segment_refresh import refresh
from scheduler.jobs import Job, Shop, publish_articles
from scheduler.keeping import KeepingTimes, let_go

_HOURS = 3600.0


def housekeeping(times: KeepingTimes, files: FileStore, rulebook: Rulebook) -> tuple[Job, ...]:
    """The jobs of one installation. Several processes may run them: each does what the others have left."""

    async def clean_up(shop: Shop) -> int:
        gone = await let_go(shop.database, times, files, shop.clock.now())
        return gone.raw + gone.questions + gone.files + gone.messages

    async def place_customers(shop: Shop) -> int:
        return (await refresh(shop.database, rulebook, shop.clock.now())).customers

    return (
        Job("publishing", 30, publish_articles),
        Job("keeping", 6 * _HOURS, clean_up),
        Job("segments", 6 * _HOURS, place_customers),
    )

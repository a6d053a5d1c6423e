"""The jobs that need more of the installation than a database: articles, keeping times, tiers and stages."""

from core.files import FileStore
from core.rulebook import Rulebook
from customers.segment_refresh import refresh
from knowledge_base.due_gate import DueGate
from knowledge_base.gaps import group_questions, take_up_again
from knowledge_base.publishing import settle_waiting
from knowledge_base.service import KnowledgeBase
from scheduler.jobs import Job, Shop, publish_articles
from scheduler.keeping import KeepingTimes, let_go

_HOURS = 3600.0


def housekeeping(
    times: KeepingTimes, files: FileStore, rulebook: Rulebook, knowledge: KnowledgeBase
) -> tuple[Job, ...]:
    """The jobs of one installation. Several processes may run them: each does what the others have left."""

    async def clean_up(shop: Shop) -> int:
        gone = await let_go(shop.database, times, files, shop.clock.now())
        return gone.raw + gone.questions + gone.files + gone.messages

    async def place_customers(shop: Shop) -> int:
        return (await refresh(shop.database, rulebook, shop.clock.now())).customers

    async def gather_questions(shop: Shop) -> int:
        await take_up_again(shop.database, knowledge)
        return await group_questions(shop.database, knowledge, shop.clock.now())

    due = DueGate(knowledge.gate)

    async def try_out(shop: Shop) -> int:
        try:
            settled = await settle_waiting(shop.database, shop.clock, knowledge.gate)
        finally:  # what has a date does not wait for what cannot be tried out
            looked_at = await due.look(shop.database, shop.clock)
        return settled + looked_at

    return (
        Job("publishing", 30, publish_articles),
        Job("checking", 5, try_out),
        Job("unanswered", 60, gather_questions),
        Job("keeping", 6 * _HOURS, clean_up),
        Job("segments", 6 * _HOURS, place_customers),
    )

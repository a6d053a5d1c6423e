"""What was planned for a date, tried out once more shortly before: articles and labels have moved since.

Where it cannot be tried out in time it is published all the same: it was no worse when it was planned.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from core.clock import Clock
from core.database import Database, ReadSession
from knowledge_base import repository
from knowledge_base.articles import get_article
from knowledge_base.checking import Gate, Name, Proposal
from knowledge_base.content import ArticleContent
from knowledge_base.gate import Opinion
from knowledge_base.history import get_version
from knowledge_base.models import Article
from knowledge_base.publishing import refuse
from knowledge_base.repository import content_of

_AHEAD = timedelta(minutes=15)


class DueGate:
    """Tries out once more what is going to be published soon by its date. One instance a process."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        #: The revision of what was served when each instant was last looked at.
        self._seen: dict[datetime, int] = {}

    async def look(self, database: Database, clock: Clock) -> int:
        """Refuses what has become worse than what customers get; returns how many were refused.

        Raises:
            BuildFailed: they are published in time all the same.
        """
        now, refused = clock.now(), 0
        async with database.read() as session:
            due = await _planned(session, now)
        self._seen = {at: revision for at, revision in self._seen.items() if at in due}
        for at, names in due.items():
            refused += await self._look_at(database, at, names, now)
        return refused

    async def _look_at(self, database: Database, at: datetime, names: Sequence[Name], now: datetime) -> int:
        """All that is due at one instant together; where that is worse, one by one to find out which it is."""
        async with database.read() as session:
            state = await repository.read_state(session)
            if state is None or self._seen.get(at) == state.revision:
                return 0
        together = await self._opinion(database, names)
        refused = 0
        if together.is_worse:
            apart = {name: await self._opinion(database, [name]) for name in names} if len(names) > 1 else {}
            worse = {name: opinion for name, opinion in apart.items() if opinion.is_worse}
            for name, opinion in (worse or dict.fromkeys(names, together)).items():
                refused += await _refuse(database, name, at, opinion, now)
        if not refused:
            self._seen[at] = together.revision
        return refused

    async def _opinion(self, database: Database, names: Sequence[Name]) -> Opinion:
        async with database.read() as session:
            put: dict[Name, tuple[int, ArticleContent]] = {}
            for name in names:
                article = (await get_article(session, *name)).article
                version = article.pending_version or article.version
                put[name] = (version, content_of(await get_version(session, article, version)))
        return await self._gate.check(Proposal(put))


async def _refuse(database: Database, name: Name, at: datetime, opinion: Opinion, now: datetime) -> bool:
    """False where it was changed meanwhile."""
    async with database.write() as session:
        article = (await get_article(session, *name, for_update=True)).article
        if article.pending_state != repository.SCHEDULED or article.pending_at != at:
            return False
        refuse(session, article, opinion, now)
        await repository.touch(session, now)
    return True


async def _planned(session: ReadSession, now: datetime) -> dict[datetime, list[Name]]:
    """What is due soon, by its instant; without what is to go out in any case."""
    query = select(Article.pending_at, Article.key, Article.language).where(
        Article.pending_state == repository.SCHEDULED,
        Article.pending_at > now,
        Article.pending_at <= now + _AHEAD,
        Article.pending_forced.is_(False),
    )
    found: dict[datetime, list[Name]] = defaultdict(list)
    for at, key, language in await session.execute(query.order_by(Article.pending_at, Article.id)):
        if at is not None:
            found[at].append((key, language))
    return found

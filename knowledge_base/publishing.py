"""Publications that wait until they have been tried out: too slow to be waited for, so they are remembered."""

from datetime import datetime

from sqlalchemy import select

from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from knowledge_base.article_audit import Edit, record
from knowledge_base.articles import StoredArticle, check_publishable, get_article, publish_words
from knowledge_base.building import BuildFailed
from knowledge_base.checking import Gate, ServedMoved, confirm_unmoved, publication_of
from knowledge_base.gate import Opinion, in_words
from knowledge_base.history import take_back
from knowledge_base.models import Article

#: `pending_state` of a version that is being tried out, and of one that was found worse.
CHECKING, REFUSED = "checking", "refused"
_BY = "gate"


async def ask_publication(
    session: WriteSession,
    key: str,
    language: str,
    edit: Edit,
    *,
    version: int | None = None,
    at: datetime | None = None,
) -> StoredArticle:
    """Has the newest version tried out and then published (`at`: from then on); see `settle_waiting`.

    Raises:
        UnknownArticle, StaleVersion, NotByItsAuthor, NotWrittenYet
    """
    stored = await get_article(session, key, language, for_update=True)
    check_publishable(stored, edit, version)
    _wait(session, stored.article, edit, at)
    return stored


async def ask_roll_back(session: WriteSession, key: str, language: str, version: int, edit: Edit) -> StoredArticle:
    """The same for the words of an older version.

    Raises:
        UnknownArticle, UnknownVersion, NotByItsAuthor
    """
    stored, noted = await take_back(session, key, language, version, edit)
    _wait(session, stored.article, noted, None)
    return stored


def _wait(session: WriteSession, article: Article, edit: Edit, at: datetime | None) -> None:
    changes = {"pending_version": (article.pending_version, article.version)}
    record(session, (article.key, article.language), "ask_publication", edit, changes)
    article.pending_version, article.pending_at, article.pending_forced = article.version, at, False
    article.pending_state, article.pending_detail = CHECKING, f"asked for by {edit.by}"
    article.updated_at = edit.now


async def settle_waiting(database: Database, clock: Clock, gate: Gate) -> int:
    """Tries out what waits, the longest first, and publishes what is no worse; returns how many were settled.

    Raises:
        BuildFailed: one could not be tried out and waits on; those behind it have had their turn.
    """
    settled, failed = 0, None
    async with database.read() as session:
        waiting = await _waiting(session)
    for key, language, version in waiting:
        async with database.read() as session:
            proposal = await publication_of(session, key, language)
        try:
            opinion = await gate.check(proposal)
            async with database.write() as session:
                settled += await _settle(session, (key, language), version, opinion, clock.now())
        except ServedMoved:
            continue  # looked at again next time, beside what is served then
        except BuildFailed as failure:
            failed = failure
    if failed is not None:
        raise failed
    return settled


async def _waiting(session: ReadSession) -> list[tuple[str, str, int]]:
    query = select(Article.key, Article.language, Article.version).where(Article.pending_state == CHECKING)
    return [(*row,) for row in await session.execute(query.order_by(Article.updated_at, Article.id))]


async def _settle(session: WriteSession, name: tuple[str, str], version: int, opinion: Opinion, now: datetime) -> bool:
    """False where it was taken back or edited meanwhile."""
    stored = await get_article(session, *name, for_update=True)
    article = stored.article
    if article.pending_state != CHECKING or article.version != version:
        return False
    if opinion.is_worse:
        refuse(session, article, opinion, now)
        return True
    await confirm_unmoved(session, opinion)
    await publish_words(session, stored, Edit(_BY, now, article.pending_detail), article.pending_at)
    return True


def refuse(session: WriteSession, article: Article, opinion: Opinion, now: datetime) -> None:
    """The article goes on waiting, with the reason."""
    assert opinion.comparison is not None
    article.pending_state, article.pending_detail = REFUSED, in_words(opinion.comparison)
    record(session, (article.key, article.language), "refuse", Edit(_BY, now, article.pending_detail), {})

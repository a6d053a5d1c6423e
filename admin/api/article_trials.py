"""What a publication makes of the shop's labelled questions, tried out before the transaction that publishes."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from admin.api.article_bodies import InLanguage, NewArticle, PathKey, Publication, Reason, Rollback
from admin.api.context import ApiContext, Context
from core.database import ReadSession
from knowledge_base.articles import get_article
from knowledge_base.checking import Proposal, archiving_of, confirm_unmoved, publication_of, rollback_of
from knowledge_base.content import checked
from knowledge_base.gate import Opinion


@dataclass(frozen=True, slots=True)
class Trial:
    """`opinion`: what was found, if anything had to be; `takes_long`: nothing yet."""

    opinion: Opinion | None = None
    takes_long: bool = False

    async def confirm(self, session: ReadSession) -> None:
        """Raises ServedMoved."""
        if self.opinion is not None:
            await confirm_unmoved(session, self.opinion)


async def _of_publication(
    context: Context, key: PathKey, body: Publication | None = None, language: InLanguage = None
) -> Trial:
    return await try_publication(context, key, language, body.force_reason if body else None)


async def try_publication(context: ApiContext, key: str, language: str | None, force_reason: str | None) -> Trial:
    """What the newest version of an article makes of the labelled questions; whoever says why need not know.

    Raises:
        UnknownArticle, GateRefused
    """
    if force_reason:
        return Trial()
    async with context.database.read() as session:
        stored = await get_article(session, key, language)
        proposal = await publication_of(session, key, stored.article.language)
    return await _try_out(context, proposal)


async def _of_rollback(context: Context, key: PathKey, body: Rollback, language: InLanguage = None) -> Trial:
    return await try_rollback(context, key, language, body.version, body.force_reason)


async def try_rollback(
    context: ApiContext, key: str, language: str | None, version: int, force_reason: str | None
) -> Trial:
    """The same for the words of an older version.

    Raises:
        UnknownArticle, UnknownVersion, GateRefused
    """
    if force_reason:
        return Trial()
    async with context.database.read() as session:
        stored = await get_article(session, key, language)
        proposal = await rollback_of(session, key, stored.article.language, version)
    return await _try_out(context, proposal)


async def _of_archiving(
    context: Context,
    key: PathKey,
    language: InLanguage = None,
    force_reason: Annotated[Reason | None, Query()] = None,
) -> Trial:
    return await try_archiving(context, key, language, force_reason)


async def try_archiving(context: ApiContext, key: str, language: str | None, force_reason: str | None) -> Trial:
    """What the labelled questions get once an article is gone.

    Raises:
        UnknownArticle, GateRefused
    """
    if force_reason:
        return Trial()
    async with context.database.read() as session:
        stored = await get_article(session, key, language)
        proposal = await archiving_of(session, key, stored.article.language)
    return await _try_out(context, proposal)


async def _of_new(context: Context, body: NewArticle) -> Trial:
    if body.status != "published":
        return Trial()
    return await _try_out(context, Proposal({(body.key, body.language): (1, checked(body.words))}))


async def _try_out(context: ApiContext, proposal: Proposal) -> Trial:
    """Raises GateRefused."""
    try:
        async with asyncio.timeout(context.knowledge.gate.patience):
            opinion = await context.knowledge.gate.check(proposal)
    except TimeoutError:
        return Trial(takes_long=True)
    opinion.refuse_if_worse()
    return Trial(opinion)


OfPublication = Annotated[Trial, Depends(_of_publication)]
OfRollback = Annotated[Trial, Depends(_of_rollback)]
OfArchiving = Annotated[Trial, Depends(_of_archiving)]
OfNewArticle = Annotated[Trial, Depends(_of_new)]

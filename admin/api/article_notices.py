"""What there is to say of an article that is being saved, worked out before the transaction that saves it."""

from typing import Annotated

from fastapi import Depends

from admin.api.article_bodies import ArticlePatch, InLanguage, NewArticle, PathKey, Rollback
from admin.api.context import ApiContext, Context
from knowledge_base import history
from knowledge_base.articles import StoredArticle, get_article
from knowledge_base.content import ArticleContent, checked
from knowledge_base.notices import Notice
from knowledge_base.noticing import look_around

Notices = tuple[Notice, ...]


async def _of_new(context: Context, body: NewArticle) -> Notices:
    return await _notices(context, (body.key, body.language), checked(body.words))


async def _of_patch(context: Context, key: PathKey, body: ArticlePatch, language: InLanguage = None) -> Notices:
    stored = await _stored(context, key, language)
    content = checked(stored.content.model_dump() | body.words)
    return await _notices(context, (key, stored.article.language), content)


async def _of_stored(context: Context, key: PathKey, language: InLanguage = None) -> Notices:
    return await notices_of(context, key, language, context.language)


async def notices_of(context: ApiContext, key: str, language: str | None, reader: str) -> Notices:
    """What there is to say of an article as it is, in the language `reader`. Raises UnknownArticle."""
    stored = await _stored(context, key, language)
    return await _notices(context, (key, stored.article.language), stored.content, reader)


async def _of_shown(context: Context, key: PathKey, language: InLanguage = None) -> Notices:
    """Without what takes long to find out: it is only looked at."""
    stored = await _stored(context, key, language)
    return await _notices(context, (key, stored.article.language), stored.content, with_strays=False)


async def _of_older(context: Context, key: PathKey, body: Rollback, language: InLanguage = None) -> Notices:
    async with context.database.read() as session:
        versions = await history.list_versions(session, key, language)
    older = [one for one in versions if one.row.version == body.version]
    return await _notices(context, (key, older[0].article.language), older[0].content) if older else ()


async def _stored(context: ApiContext, key: str, language: str | None) -> StoredArticle:
    async with context.database.read() as session:
        return await get_article(session, key, language)


async def _notices(
    context: ApiContext,
    name: tuple[str, str],
    content: ArticleContent,
    reader: str | None = None,
    *,
    with_strays: bool = True,
) -> Notices:
    return await look_around(
        context.database, context.knowledge, name, content, reader or context.language, with_strays=with_strays
    )


OfNew = Annotated[Notices, Depends(_of_new)]
OfPatch = Annotated[Notices, Depends(_of_patch)]
OfStored = Annotated[Notices, Depends(_of_stored)]
OfShown = Annotated[Notices, Depends(_of_shown)]
OfOlder = Annotated[Notices, Depends(_of_older)]

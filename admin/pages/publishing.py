"""Giving an article's words to customers, tried out on the labelled questions first; what changed, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.article_bodies import PathKey
from admin.api.article_trials import try_archiving, try_publication, try_rollback
from admin.api.articles import made
from admin.api.context import Context, Reading
from admin.pages.articles import FormLanguage, Language, Note, page_of
from admin.pages.instants import LocalTime, read_local
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import EditsArticles, ReadsArticles, Viewer
from knowledge_base import articles, history
from knowledge_base.gate import GateRefused
from knowledge_base.publishing import ask_publication, ask_roll_back

router = APIRouter(prefix="/articles/{key}", route_class=PageRoute)

_Number = Annotated[int, Form(ge=1, le=2**31 - 1)]
_Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.post("/publish")
async def publish(
    request: Request,
    viewer: EditsArticles,
    context: Context,
    key: PathKey,
    language: FormLanguage,
    version: _Number,
    at: LocalTime = "",
    force_reason: Note = "",
) -> Response:
    """What broke is shown, with the way to go on all the same; what takes long is being checked, and says so."""
    reason = force_reason.strip() or None
    starts = read_local(at, context.settings.timezone, "at") if at.strip() else None
    try:
        trial = await try_publication(context, key, language, reason)
    except GateRefused as refused:
        return _broken(request, viewer, refused, key, "publish", language=language, version=version, at=at)
    edit = made(viewer.actor, context, reason)
    async with context.database.write() as session:
        if trial.takes_long:
            await ask_publication(session, key, language, edit, version=version, at=starts)
        else:
            await trial.confirm(session)
            await articles.publish_article(
                session, key, language, edit, version=version, at=starts, forced=reason is not None
            )
    return page_of(key, language)


@router.post("/archive")
async def archive(
    request: Request,
    viewer: EditsArticles,
    context: Context,
    key: PathKey,
    language: FormLanguage,
    force_reason: Note = "",
) -> Response:
    """Customers do not get it any more; its versions stay. What cannot be told in some seconds holds nothing up."""
    reason = force_reason.strip() or None
    try:
        trial = await try_archiving(context, key, language, reason)
    except GateRefused as refused:
        return _broken(request, viewer, refused, key, "archive", language=language)
    async with context.database.write() as session:
        await trial.confirm(session)
        await articles.archive_article(session, key, language, made(viewer.actor, context, reason))
    return page_of(key, language)


@router.get("/diff")
async def show_diff(
    request: Request,
    viewer: ReadsArticles,
    session: Reading,
    key: PathKey,
    language: Language = None,
    first: Annotated[_Version, Query(alias="from")] = None,
    second: Annotated[_Version, Query(alias="to")] = None,
) -> HTMLResponse:
    """Without versions: what customers get against the newest."""
    stored = await articles.get_article(session, key, language)
    tongue = stored.article.language
    compared = await history.compare_versions(session, key, tongue, first, second)
    return page(request, "diff.html", viewer, article=stored.article, compared=compared)


@router.post("/rollback")
async def roll_back(
    request: Request,
    viewer: EditsArticles,
    context: Context,
    key: PathKey,
    language: FormLanguage,
    version: _Number,
    note: Note = "",
    force_reason: Note = "",
) -> Response:
    """Its words are published again, as a new version; tried out as what is published."""
    reason = force_reason.strip() or None
    try:
        trial = await try_rollback(context, key, language, version, reason)
    except GateRefused as refused:
        return _broken(request, viewer, refused, key, "rollback", language=language, version=version, note=note)
    edit = made(viewer.actor, context, reason or note.strip() or None)
    async with context.database.write() as session:
        if trial.takes_long:
            await ask_roll_back(session, key, language, version, edit)
        else:
            await trial.confirm(session)
            await history.roll_back(session, key, language, version, edit)
    return page_of(key, language)


def _broken(
    request: Request, viewer: Viewer, refused: GateRefused, key: str, verb: str, *, language: str, **sent: object
) -> Response:
    """What would be answered worse, and the same form once more with a reason to go on."""
    fields = {"language": language, **sent}
    return page(request, "broken.html", viewer, 409, article_key=key, article_language=language, verb=verb,
                fields=fields, broken=refused.data["questions"])  # fmt: skip

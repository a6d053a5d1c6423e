"""One article to read and to link to: plain HTML that needs no script."""

from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from admin.api.context import Context
from admin.api.file_links import FilesDoor
from admin.api.files import FileNotThere, send_file
from bot.web.article_html import answer_html
from conversations.language import from_client
from conversations.texts import Texts, Voice
from core.shop import read_shop
from core.shop_facts import ShopFacts
from knowledge_base.models import ArticleFile
from knowledge_base.placeholders import fill
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import IndexedArticle

router = APIRouter(include_in_schema=False)

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGES = Environment(loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined)
_STYLE = (resources.files("bot.web") / "static" / "help.css").read_text("utf-8")
_OTHER = {"zh": "en", "en": "zh"}
_MOST_RELATED = 8


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads, and what the page is made from."""

    language: str
    voice: Voice
    facts: ShopFacts


@router.get("/help.css")
async def read_style(context: Context) -> Response:
    """The page's style, in the shop's own colour."""
    async with context.database.read() as session:
        facts, _ = await read_shop(session)
    headers = {"Cache-Control": "no-cache"}
    return Response(f":root {{ --brand: {facts.color}; }}\n{_STYLE}", media_type="text/css", headers=headers)


@router.get("/help/{key}")
async def read_article(
    request: Request,
    context: Context,
    key: Annotated[str, Path(max_length=200)],
    language: Annotated[str | None, Query(max_length=20)] = None,
) -> HTMLResponse:
    """What customers get of the article now, in the language asked for, the browser's, or the shop's."""
    async with context.database.read() as session:
        facts, _ = await read_shop(session)
    tongue = from_client(language) or from_client(_first_accepted(request)) or context.settings.language.value
    reader = _Reader(tongue, Texts.shipped().voice(tongue, facts), facts)
    article = context.knowledge.find_article(key, tongue)
    page = _page(article, reader, context.knowledge) if article else _missing(reader)
    html = _PAGES.get_template("help.html").render(page=page, key=key)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(html, 200 if article else 404, headers=headers)


@router.get("/help/{key}/file")
async def read_file(
    context: Context,
    files: FilesDoor,
    key: Annotated[str, Path(max_length=200)],
    language: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """What the article carries, for whoever may read the article."""
    article = context.knowledge.find_article(key, from_client(language) or context.settings.language.value)
    async with context.database.read() as session:
        row = await session.get(ArticleFile, article.file) if article and article.file else None
    if row is None:
        raise FileNotThere("this article has no file")
    return send_file(files.store, row)


def _first_accepted(request: Request) -> str | None:
    """The browser's first choice."""
    return request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip() or None


def _page(article: IndexedArticle, reader: _Reader, knowledge: KnowledgeBase) -> dict[str, Any]:
    only_in = "page.only_zh" if article.language == "zh" else "page.only_en"
    return _frame(reader) | {
        "title": article.question,
        "answer": answer_html(fill(article.answer, reader.facts, article.language)),
        "tongue": article.language,
        "category": article.category,
        "remark": reader.voice.say(only_in) if article.language != reader.language else "",
        "related": _related(article, reader.language, knowledge),
        "file": article.file is not None,
    }


def _related(article: IndexedArticle, language: str, knowledge: KnowledgeBase) -> list[tuple[str, str]]:
    """Key and question of those that customers can read."""
    found = [knowledge.find_article(key, language) for key in article.related if key != article.key]
    return [(other.key, other.question) for other in found if other][:_MOST_RELATED]


def _missing(reader: _Reader) -> dict[str, Any]:
    return _frame(reader) | {
        "title": reader.voice.say("page.missing_title"),
        "answer": answer_html(reader.voice.say("page.missing")),
        "tongue": reader.language,
        "category": "",
        "remark": "",
        "related": [],
        "file": False,
    }


def _frame(reader: _Reader) -> dict[str, Any]:
    voice = reader.voice
    return {
        "language": reader.language,
        "other": _OTHER[reader.language],
        "shop": reader.facts.name.pick(reader.language) or voice.say("shop.unnamed"),
        "privacy_url": reader.facts.privacy_url,
        "words": {
            "chat": voice.say("page.chat"),
            "related": voice.say("page.related"),
            "file": voice.say("page.file"),
            "other_language": voice.say("page.other_language"),
            "privacy": voice.say("page.privacy"),
        },
    }

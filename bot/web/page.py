"""The chat page: its words, the shop's facts, and what a browser may do with it."""

import json
from datetime import timedelta
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import select
from starlette.responses import HTMLResponse, Response

from admin.links import find_bot
from bot.web.door import WebDoor
from bot.web.page_files import without_comments
from conversations.reading import STAFFED
from conversations.texts import LANGUAGES, Texts
from conversations.uploads import MOST_BYTES, MOST_FILES
from core.database import ReadSession
from core.shop import read_shop
from core.shop_facts import ShopFacts

STATIC = resources.files("bot.web") / "static"
#: Nothing from elsewhere, nothing inline. `connect-src 'self'` covers the socket too.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
#: Other sites load it, and ask again after some minutes whether it changed.
_WIDGET_HEADERS = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
#: Opening times are told for so long ahead.
_AHEAD = timedelta(days=8)
_PAGES = Environment(loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined)


async def render_page(door: WebDoor, *, is_embedded: bool = False) -> HTMLResponse:
    """`is_embedded`: the widget shows it in its frame on another site."""
    async with door.database.read() as session:
        facts, is_sample = await read_shop(session)
        bot, hours = await find_bot(session), await _hours(door, session)
    language = door.settings.language.value
    title = Texts.shipped().voice(language, facts).say("shop.unnamed") if not facts.name.pick(language) else ""
    origins = door.settings.widget_origins
    page = {
        "language": language,
        "shop": _shop(facts),
        "words": _words(facts, is_sample),
        "embedded": is_embedded,
        "origins": origins,
        "telegram": bot is not None,
        "hours": hours,
        "limits": {"files": MOST_FILES, "bytes": MOST_BYTES},
    }
    html = _PAGES.get_template("chat.html").render(page=page, title=facts.name.pick(language) or title)
    policy = _POLICY.format(ancestors=" ".join(("'self'", *origins)))
    return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})


async def _hours(door: WebDoor, session: ReadSession) -> list[tuple[str, str]]:
    """When people answer, the coming days; nothing where there is nobody who could."""
    if not await session.scalar(select(STAFFED)):
        return []
    now = door.clock.now()
    hours = (await door.policies.current(session)).hours(None).open
    return [(start.isoformat(), end.isoformat()) for start, end in hours.openings(now, now + _AHEAD)]


async def render_widget(door: WebDoor) -> Response:
    """The script that a shop's own site loads. In a block of its own, so that the site's names stay the site's."""
    async with door.database.read() as session:
        facts, _is_sample = await read_shop(session)
    shop = json.dumps({"color": facts.color})
    script = without_comments((STATIC / "widget.js").read_text(encoding="utf-8"))
    body = f'"use strict";\n{{\n{script}\nbegin(document.currentScript, {shop});\n}}\n'
    return Response(body, media_type="text/javascript; charset=utf-8", headers=_WIDGET_HEADERS)


def _shop(facts: ShopFacts) -> dict[str, Any]:
    """The page greets with `words.welcome`, which knows the shop's own greeting."""
    names = {language: Texts.shipped().voice(language, facts).say("shop.unnamed") for language in LANGUAGES}
    return {
        "name": {language: facts.name.pick(language) or names[language] for language in LANGUAGES},
        "greeting": None,
        "operator": facts.operator.model_dump(),
        "privacy_url": facts.privacy_url,
        "color": facts.color,
    }


def _words(facts: ShopFacts, is_sample: bool) -> dict[str, dict[str, str]]:
    """The sentences of the product that the page says too, in the shop's own wording where it has one."""
    return {language: {"welcome": _welcome(facts, language, is_sample)} for language in LANGUAGES}


def _welcome(facts: ShopFacts, language: str, is_sample: bool) -> str:
    voice = Texts.shipped().voice(language, facts)
    if is_sample:
        return voice.say("intro.sample")
    own = facts.greeting.pick(language)
    return voice.say("intro.own", greeting=own) if own else voice.say("intro.greeting")

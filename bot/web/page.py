"""The chat page: its words, the shop's facts, and what a browser may do with it."""

from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from bot.web.door import WebDoor
from conversations.texts import LANGUAGES, Texts
from core.shop import read_shop
from core.shop_facts import ShopFacts

STATIC = resources.files("bot.web") / "static"
#: Nothing from elsewhere, nothing inline. `connect-src 'self'` covers the socket too.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
_PAGES = Environment(loader=PackageLoader("bot.web"), autoescape=True, undefined=StrictUndefined)


async def render_page(door: WebDoor) -> HTMLResponse:
    async with door.database.read() as session:
        facts, is_sample = await read_shop(session)
    language = door.settings.language.value
    title = Texts.shipped().voice(language, facts).say("shop.unnamed") if not facts.name.pick(language) else ""
    page = {"language": language, "shop": _shop(facts), "words": _words(facts, is_sample)}
    html = _PAGES.get_template("chat.html").render(page=page, title=facts.name.pick(language) or title)
    policy = _POLICY.format(ancestors=" ".join(("'self'", *door.settings.widget_origins)))
    return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})


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

"""Pages from templates: escaped, in the viewer's language, times in the shop's zone, nothing that runs inline."""

from datetime import datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from admin.pages.bar import bar_for
from admin.pages.visitor import Viewer
from admin.pages.wording import words
from core.money import Money
from staff.words import error_words, happened_words

STATIC = resources.files("admin.pages") / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGES = Environment(loader=PackageLoader("admin.pages"), autoescape=True, undefined=StrictUndefined)
_PAGES.trim_blocks = _PAGES.lstrip_blocks = True


def render(
    request: Request, template: str, viewer: Viewer | None, language: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """The page `template`; in it `say` gives its sentences, `when` and `dated` write an instant, `who`, `happened` and
    `failure` name whoever acted, an entry and a code.
    """
    say = words(language)
    zone: ZoneInfo = request.app.state.context.settings.timezone
    html = _PAGES.get_template(template).render(
        say=say,
        language=language,
        viewer=viewer,
        bar=bar_for(viewer, request.url.path, say) if viewer else None,
        here=request.url.path,
        when=lambda instant: when(instant, zone),
        dated=lambda instant: dated(instant, zone),
        money=lambda amount_minor, currency: str(Money(amount_minor, currency)),
        happened=lambda kind: happened_words(kind, language),
        who=lambda actor: say.get(f"actor_{actor}", actor),
        failure=lambda code: error_words(code, language),
        **values,
    )
    return HTMLResponse(html, status, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})


def page(request: Request, template: str, viewer: Viewer, status: int = 200, **values: Any) -> HTMLResponse:
    """`render` for somebody who has signed in."""
    return render(request, template, viewer, viewer.language, status, **values)


def when(instant: datetime | None, zone: ZoneInfo) -> str:
    """`11-26 14:05` in the shop's zone."""
    return instant.astimezone(zone).strftime("%m-%d %H:%M") if instant else ""


def dated(instant: datetime, zone: ZoneInfo) -> str:
    """`2026-11-26 14:05` in the shop's zone: of what may be of another year."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")

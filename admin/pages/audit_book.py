"""The audit book: who changed what, when; by person, by thing, by day."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from admin.api.audit import instant_of
from admin.api.context import Context, Reading
from admin.api.cursors import decode_cursor, one_page
from admin.api.fields import CursorText
from admin.pages.audit_names import Names, named, names_in
from admin.pages.rendering import page
from admin.pages.routing import PageRoute
from admin.pages.visitor import ReadsAudit
from admin.pages.wording import words
from staff import service
from staff.audit import AuditFilter, list_entries
from staff.models import AuditEntry

router = APIRouter(prefix="/audit", route_class=PageRoute)

_LIST = "audit"
_MOST = 50
#: Kinds of thing that the book knows.
KINDS = (
    "ticket", "customer", "compensation", "article", "label", "synonyms", "unanswered", "rules", "programme",
    "follow_up", "follow_ups", "agent", "team", "desk", "canned", "shop", "event", "delivery", "task", "file", "import",
    "knowledge", "account",
)  # fmt: skip
#: The page of a thing, where there is one; an article has a language too.
_PAGES: Mapping[str, str] = {
    "ticket": "/admin/cases/{}",
    "customer": "/admin/customers/{}",
    "synonyms": "/admin/synonyms",
    "rules": "/admin/rules/{}",
    "programme": "/admin/programmes/{}",
    "follow_ups": "/admin/programmes",
    "shop": "/admin/shop",
    "event": "/admin/astray/events/{}",
    "delivery": "/admin/astray/deliveries/{}",
    "task": "/admin/tasks",
}
#: Fields whose values have words of their own, by what these begin with.
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "status": ("status", "article"),
    "severity": ("severity",),
    "role": ("role",),
    "language": ("language",),
    "state": ("grant",),
}
_Short = Annotated[str, Query(max_length=200)]
_Day = Annotated[str, Query(max_length=40)]


@router.get("")
async def read_book(
    request: Request,
    viewer: ReadsAudit,
    session: Reading,
    context: Context,
    actor: _Short = "",
    kind: _Short = "",
    name: _Short = "",
    since: Annotated[_Day, Query(alias="from")] = "",
    until: Annotated[_Day, Query(alias="to")] = "",
    cursor: Annotated[CursorText | None, Query()] = None,
) -> HTMLResponse:
    """Newest first. `name`: of a thing of that kind, such as a case's number or an article's key."""
    chosen = {"actor": actor.strip(), "kind": kind, "name": name.strip(), "from": since.strip(), "to": until.strip()}
    wanted = AuditFilter(
        actor=chosen["actor"] or None,
        object=":".join(part for part in (kind, chosen["name"]) if part) or None,
        since=instant_of(context, "from", chosen["from"]),
        until=instant_of(context, "to", chosen["to"], end_of_day=True),
    )
    rows = await list_entries(session, wanted, _MOST + 1, before=decode_cursor(_LIST, cursor))
    shown, more = one_page(rows, _MOST, _LIST, lambda row: row.id)
    people = [agent.name for agent in await service.list_agents(session)]
    further = urlencode({**{key: value for key, value in chosen.items() if value}, "cursor": more}) if more else None
    names = await names_in(session, shown)
    entries = [(entry, address_of(entry), list(changes_of(entry, viewer.language, names))) for entry in shown]
    return page(request, "audit.html", viewer, entries=entries, chosen=chosen, people=people, kinds=KINDS,
                further=further)  # fmt: skip


def address_of(entry: AuditEntry) -> str | None:
    """The page of the thing, as far as there is one."""
    kind, _, name = entry.object.partition(":")
    if kind == "article" and ":" in name:
        key, _, language = name.rpartition(":")
        return f"/admin/articles/{quote(key, safe='')}?language={quote(language)}"
    return _PAGES[kind].format(quote(name, safe="")) if kind in _PAGES else None


def changes_of(entry: AuditEntry, language: str, names: Names) -> Iterator[tuple[str, str, str]]:
    """Each field that changed: what it is called, before, after."""
    say = words(language)
    for field, (before, after) in entry.changes.items():
        called = say.get(f"part_{field}") or say.get(f"field_{field}") or say.get(field, field)
        had, has = (named(names, field, value) for value in (before, after))
        yield called, _said(say, field, had), _said(say, field, has)


def _said(say: Mapping[str, str], field: str, value: Any) -> str:
    """In words where there are some; what is none of ours stands as it is."""
    if value is None or value == "":
        return "–"
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    known = (say.get(f"{family}_{value}") for family in _FAMILIES.get(field, ()))
    return next((words_of for words_of in known if words_of), value)

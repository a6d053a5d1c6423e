"""Rules: what holds, in words and as text; what another text would change; publishing it with a note."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import ApiContext, Context, Reading
from admin.api.rules import Kind
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import PublishesRules, ReadsRules, TriesRules, Viewer
from admin.rule_kinds import Trial, describe, try_out
from core.errors import InvalidInput
from core.rulebook import Edition, diff_texts, list_versions
from staff import audit
from staff.permissions import Action

router = APIRouter(prefix="/rules", route_class=PageRoute)

_Text = Annotated[str, Form(min_length=1, max_length=500_000)]
_Base = Annotated[int, Form(ge=0, le=2**31 - 1)]
_DAYS = 30
_SHOWN = 50


@router.get("")
async def list_kinds(request: Request, viewer: ReadsRules, session: Reading, context: Context) -> HTMLResponse:
    kinds = context.rulebook.kinds
    newest = await context.rulebook.newest(session, *kinds)
    return page(request, "rules.html", viewer, kinds=[(kind, newest[kind]) for kind in kinds])


@router.get("/{kind}")
async def show_rules(
    request: Request,
    viewer: ReadsRules,
    session: Reading,
    context: Context,
    kind: Kind,
    version: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
) -> HTMLResponse:
    rules = context.rulebook.kind(kind)
    held = await context.rulebook.current(session, rules)
    shown = held if version is None else await context.rulebook.edition(session, rules, version)
    rows = await list_versions(session, kind)
    said = list(describe(kind, shown.rules))
    return _page(request, viewer, held, text=shown.text, shown=shown.number, versions=rows, said=said)


@router.post("/{kind}/try")
async def try_rules(
    request: Request, viewer: TriesRules, context: Context, kind: Kind, text: _Text, base: _Base
) -> HTMLResponse:
    """Checked, compared with what holds, and tried out on the last thirty days; nothing changes."""
    rules, plain = context.rulebook.kind(kind), text.replace("\r\n", "\n")
    async with context.database.read() as session:
        held = await context.rulebook.current(session, rules)
    trial = Trial(context.database, context.settings.timezone, context.clock.now(), _DAYS)
    faults, tried = [], None
    try:
        tried = await try_out(trial, context.rulebook, rules, plain)
    except InvalidInput as wrong:
        faults = _faults(wrong)
    diff = diff_texts(held.text, plain, f"{kind}@{held.number}", "+")
    return _page(request, viewer, held, 422 if faults else 200, text=plain, base=base, faults=faults, tried=tried,
                 diff=diff)  # fmt: skip


@router.post("/{kind}/publish")
async def publish(
    request: Request,
    viewer: PublishesRules,
    context: Context,
    kind: Kind,
    text: _Text,
    base: _Base,
    note: Annotated[str, Form(min_length=1, max_length=200)],
) -> Response:
    """They hold at once, in every process."""
    rules, plain, now = context.rulebook.kind(kind), text.replace("\r\n", "\n"), context.clock.now()
    try:
        rules.parse(plain)
    except InvalidInput as wrong:
        held = await _held(context, kind)
        return _page(request, viewer, held, 422, text=plain, base=base, faults=_faults(wrong))
    by = viewer.actor.name
    async with context.database.write() as session:
        await context.rulebook.publish(session, rules, plain, base=base, author=by, note=note, now=now)
        audit.record(session, actor=by, action="rules.publish", object=f"rules:{kind}", now=now, note=note)
    return back_to(f"/admin/rules/{kind}")


async def _held(context: ApiContext, kind: str) -> Edition[Any]:
    async with context.database.read() as session:
        return await context.rulebook.current(session, context.rulebook.kind(kind))


def _faults(wrong: InvalidInput) -> list[dict[str, str]]:
    """Each wrong place by its path; the rules' own grammar is told in English."""
    fields: Any = wrong.data.get("fields") or [{"path": "text", "reason": wrong.detail}]
    return list(fields)


def _page(request: Request, viewer: Viewer, held: Edition[Any], status: int = 200, **values: Any) -> HTMLResponse:
    given = {"base": held.number, "faults": [], "tried": None, "diff": None, "versions": [], "said": [], **values}
    may = {"may_try": viewer.may(Action.TRY_RULES), "may_publish": viewer.may(Action.PUBLISH_RULES)}
    return page(request, "rule_text.html", viewer, status, kind=held.kind, most=_SHOWN,
                **{"shown": held.number, **given, **may})  # fmt: skip

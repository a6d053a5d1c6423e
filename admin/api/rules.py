"""Rules: what holds, what another text would change, and publishing it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.fields import Body, Line, RuleWords
from admin.api.writing import ApiRoute, Writing
from admin.rule_kinds import Trial, try_out
from core.rulebook import SHIPPED, diff_texts, list_versions
from staff import audit
from staff.permissions import Action

router = APIRouter(prefix="/rules", tags=["rules"], route_class=ApiRoute)

Kind = Annotated[str, Path(min_length=1, max_length=40, examples=["segments"])]
_READ, _TRY = [allowed(Action.READ_RULES)], [allowed(Action.TRY_RULES)]
_MOST_VERSIONS = 2**31 - 1


class RuleTextBody(Body):
    """`text` is TOML."""

    text: Annotated[RuleWords, Field(min_length=1)]
    base: Annotated[int | None, Field(ge=0, le=_MOST_VERSIONS, description="The version that it was made from.")] = None
    note: Line | None = None
    days: Annotated[int, Field(ge=1, le=3650, description="How far back a backtest looks.")] = 30


class PublishedText(RuleTextBody):
    base: int = Field(ge=0, le=_MOST_VERSIONS, description="The version that it was made from; an old one: 409.")


class EditionShape(BaseModel):
    """`version` 0 is the text that came with the product."""

    kind: str
    version: int
    text: str


class VersionShape(BaseModel):
    version: int
    author: str
    note: str | None
    published_at: datetime


class VersionsShape(BaseModel):
    items: list[VersionShape]


class CheckShape(BaseModel):
    """Wrong rules are answered with 422, whose `data.fields` names each place."""

    ok: bool


class DiffShape(BaseModel):
    base: int
    diff: str = Field(description="A unified diff; empty: nothing changes.")


class BacktestShape(BaseModel):
    """Of `examined` things, what would change."""

    examined: int
    changes: list[dict[str, Any]]


@router.get("/{kind}", summary="Show rules", dependencies=_READ)
async def show(
    session: Reading,
    context: Context,
    kind: Kind,
    version: Annotated[int | None, Query(ge=0, le=_MOST_VERSIONS, description="Default: what holds.")] = None,
) -> EditionShape:
    rules = context.rulebook.kind(kind)
    found = await (
        context.rulebook.current(session, rules)
        if version is None
        else context.rulebook.edition(session, rules, version)
    )
    return EditionShape(kind=kind, version=found.number, text=found.text)


@router.get("/{kind}/versions", summary="List published versions", dependencies=_READ)
async def versions(session: Reading, context: Context, kind: Kind) -> VersionsShape:
    """Newest first. Before the first one the text that came with the product holds."""
    rows = await list_versions(session, context.rulebook.kind(kind).name)
    return VersionsShape(
        items=[VersionShape(version=r.number, author=r.author, note=r.note, published_at=r.published_at) for r in rows]
    )


@router.post("/{kind}/check", summary="Check rules", dependencies=_TRY)
async def check(context: Context, kind: Kind, body: RuleTextBody) -> CheckShape:
    """422 says in words what is wrong, with its path."""
    context.rulebook.kind(kind).parse(body.text)
    return CheckShape(ok=True)


@router.post("/{kind}/diff", summary="Compare rules with those that hold", dependencies=_TRY)
async def diff(session: Reading, context: Context, kind: Kind, body: RuleTextBody) -> DiffShape:
    rules = context.rulebook.kind(kind)
    base = body.base
    old = await (
        context.rulebook.current(session, rules) if base is None else context.rulebook.edition(session, rules, base)
    )
    name = f"{kind}@{old.number}" + (" (shipped)" if old.number == SHIPPED else "")
    return DiffShape(base=old.number, diff=diff_texts(old.text, body.text, name, "new"))


@router.post("/{kind}/backtest", summary="See what rules would change", dependencies=_TRY)
async def backtest(context: Context, kind: Kind, body: RuleTextBody) -> BacktestShape:
    """Changes nothing."""
    rules = context.rulebook.kind(kind)
    trial = Trial(context.database, context.settings.timezone, context.clock.now(), body.days)
    tried = await try_out(trial, context.rulebook, rules, body.text)
    return BacktestShape(examined=tried.examined, changes=tried.changes)


@router.post("/{kind}/publish", summary="Publish rules", dependencies=[allowed(Action.PUBLISH_RULES)])
async def publish(session: Writing, actor: Caller, context: Context, kind: Kind, body: PublishedText) -> EditionShape:
    """They hold at once, in every process. Somebody published since `base`: 409."""
    rules, now = context.rulebook.kind(kind), context.clock.now()
    found = await context.rulebook.publish(
        session, rules, body.text, base=body.base, author=actor.name, note=body.note, now=now
    )
    audit.record(session, actor=actor.name, action="rules.publish", object=f"rules:{kind}", now=now, note=body.note)
    return EditionShape(kind=kind, version=found.number, text=found.text)

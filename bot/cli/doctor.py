"""`kefu doctor`: is everything as it should be, and if not, what to do."""

import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict

import typer
from sqlalchemy import func, select

from bot.bootstrap.storage import open_secretbox
from bot.bootstrap.telegram import examine_telegram
from bot.cli.context import CommandContext, command_context, run
from bot.cli.output import AsJson, print_json
from bot.health.findings import Finding
from conversations.models import Delivery, InboxEvent
from conversations.values import DeliveryState, InboxState
from core.errors import KefuError
from core.rulebook import Rulebook
from core.settings import SettingsError, load_settings
from knowledge_base.models import Article
from knowledge_base.semantic import load_embedder
from knowledge_base.values import ArticleStatus
from migrations import revisions
from staff.teams import list_teams
from tickets.calendars import CALENDARS, unknown_make_up
from tickets.public_holidays import public_holidays

_ENOUGH_BYTES = 500_000_000


Check = Callable[[CommandContext], Awaitable[Finding]]


async def _schema(context: CommandContext) -> Finding:
    found = await revisions.current(context.database.engine)
    return Finding("database", found == revisions.head(), f"schema {found}", "run `kefu migrate`")


async def _secret(context: CommandContext) -> Finding:
    open_secretbox(context.settings)
    where = "KEFU_SECRET" if context.settings.secret else f"{context.settings.data_dir}/secret.key"
    return Finding("secret", True, f"from {where}; keep a copy of it with your backups")


async def _disk(context: CommandContext) -> Finding:
    free = shutil.disk_usage(context.settings.data_dir).free
    remedy = f"make room where {context.settings.data_dir} lies: 0.5 GB at least"
    return Finding("disk", free >= _ENOUGH_BYTES, f"{free / 1e9:.1f} GB free", remedy)


async def _articles(context: CommandContext) -> Finding:
    async with context.database.read() as session:
        query = select(func.count()).select_from(Article).where(Article.status == ArticleStatus.PUBLISHED)
        count = await session.scalar(query) or 0
    return Finding("articles", count > 0, f"{count} published", "import some: kefu kb template faq.xlsx")


async def _index(context: CommandContext) -> Finding:
    embedder, missing = load_embedder(context.settings.embedder.value)
    return Finding("index", not missing, f"embedder {embedder.name}" + "".join(f"; {m}" for m in missing), "make setup")


async def _parked(context: CommandContext) -> Finding:
    async with context.database.read() as session:
        query = select(func.count()).select_from(InboxEvent).where(InboxEvent.state == InboxState.PARKED)
        count = await session.scalar(query) or 0
    return Finding("inbox", count == 0, f"{count} parked", "look at them: kefu inbox list")


async def _unsent(context: CommandContext) -> Finding:
    bad = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    async with context.database.read() as session:
        query = select(func.count()).select_from(Delivery).where(Delivery.state.in_(bad))
        count = await session.scalar(query) or 0
    return Finding("outbox", count == 0, f"{count} failed or unknown", "look at them: kefu outbox list")


async def _calendars(context: CommandContext) -> Finding:
    year = context.clock.now().astimezone(context.settings.timezone).year + 1
    async with context.database.read() as session:
        rules = (await Rulebook([CALENDARS]).current(session, CALENDARS)).rules
        used = {None, *(view.team.calendar for view in await list_teams(session))}
    unknown = sorted({c.id for c in map(rules.named, used) if unknown_make_up(c, year, public_holidays)})
    missing = f"make-up days of {year} are not known for: {', '.join(unknown)}"
    found = missing if unknown else f"known to the end of {year}"
    remedy = "update Kefu when they are announced, or write them down as make_up: kefu rules show calendars"
    return Finding("calendars", not unknown, found, remedy)


CHECKS: tuple[Check, ...] = (_schema, _secret, _disk, _articles, _index, _calendars, _parked, _unsent)


def doctor(as_json: AsJson = False) -> None:
    """Check settings, database, schema, index and Telegram, and say what to do."""
    findings = run(_examine())
    if as_json:
        print_json({"well": all(f.well for f in findings), "items": [asdict(f) for f in findings]})
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.well else 'FIX '} {finding.name}: {finding.found}")
            if not finding.well:
                print(f"     -> {finding.remedy}")
    if not all(finding.well for finding in findings):
        sys.exit(1)


async def _examine() -> list[Finding]:
    return [finding async for finding in _findings()]


async def _findings() -> AsyncIterator[Finding]:
    """Every finding that can still be had: without settings or database there is nothing more to look at."""
    try:
        settings = load_settings()
    except SettingsError as error:
        yield Finding("settings", False, str(error), "correct it in the environment or in .env")
        return
    yield Finding("settings", True, f"language {settings.language.value}, time zone {settings.timezone.key}")
    try:
        async with command_context() as context:
            for check in CHECKS:
                yield await check(context)
            async for finding in examine_telegram(context.settings, context.database, context.clock):
                yield finding
    except KefuError as error:
        yield Finding("database", False, error.detail, "see the message")


def register(app: typer.Typer) -> None:
    app.command()(doctor)

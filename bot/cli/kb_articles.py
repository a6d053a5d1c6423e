"""`kefu kb publish|diff|rollback`: the life of one article."""

import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.gate import Force, pass_gate, strays_among
from bot.cli.output import AsJson, print_json
from bot.cli.sample import rebuild
from core.database import ReadSession
from core.settings import Language
from core.table_values import read_instant
from knowledge_base.article_audit import Edit
from knowledge_base.articles import StoredArticle, get_article, publish_article
from knowledge_base.checking import confirm_unmoved, publication_of, rollback_of
from knowledge_base.history import compare_versions, roll_back
from knowledge_base.shapes import article_shape

Key = Annotated[str, typer.Argument(metavar="KEY", help="The article's key.")]
In = Annotated[Language | None, typer.Option("--language", help="Which language; default: its first.")]


def publish(
    key: Key,
    language: In = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="From then on: 2026-03-01 or RFC 3339.")] = None,
    force: Force = None,
    as_json: AsJson = False,
) -> None:
    """Give the newest version of an article to customers, now or from a date on."""

    async def work(context: CommandContext) -> StoredArticle:
        instant = _instant(at, context.settings.timezone)
        async with context.database.read() as session:
            tongue = await _language(session, key, language)
            proposal = await publication_of(session, key, tongue)
        opinion = await pass_gate(context, proposal, force)
        async with context.database.write() as session:
            if opinion is not None:
                await confirm_unmoved(session, opinion)
            version, _ = proposal.put[key, tongue]
            by = _edit(context, force)
            stored = await publish_article(
                session, key, tongue, by, version=version, at=instant, forced=opinion is None
            )
        await rebuild(context)
        for words in await strays_among(context, proposal):
            print(f"Note: {words}.", file=sys.stderr)
        return stored

    _show(with_database(work), as_json)


def rollback(
    key: Key,
    to: Annotated[int, typer.Option(metavar="VERSION", help="Whose words are published again.")],
    language: In = None,
    force: Force = None,
    as_json: AsJson = False,
) -> None:
    """Publish the words of an older version again, as a new version."""

    async def work(context: CommandContext) -> StoredArticle:
        async with context.database.read() as session:
            tongue = await _language(session, key, language)
            proposal = await rollback_of(session, key, tongue, to)
        opinion = await pass_gate(context, proposal, force)
        async with context.database.write() as session:
            if opinion is not None:
                await confirm_unmoved(session, opinion)
            stored = await roll_back(session, key, tongue, to, _edit(context, force))
        await rebuild(context)
        return stored

    _show(with_database(work), as_json)


def diff(
    key: Key,
    first: Annotated[int | None, typer.Option("--from", metavar="VERSION", help="Default: what customers get.")] = None,
    second: Annotated[int | None, typer.Option("--to", metavar="VERSION", help="Default: the newest.")] = None,
    language: In = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions of an article."""

    async def work(context: CommandContext) -> list[dict[str, object]]:
        async with context.database.read() as session:
            tongue = language.value if language else None
            compared = await compare_versions(session, key, tongue, first, second)
            return [asdict(change) for change in compared.changes]

    changes = with_database(work)
    if as_json:
        print_json({"items": changes})
        return
    for change in changes:
        print(change["field"])
        lines = change["lines"]
        assert isinstance(lines, tuple)
        for line in lines:
            print(f"  {line}")
    if not changes:
        print("Nothing differs.")


def _edit(context: CommandContext, note: str | None = None) -> Edit:
    return Edit(whoami(), context.clock.now(), note, context.settings.four_eyes)


def _instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    try:
        return read_instant(text, zone) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None


async def _language(session: ReadSession, key: str, language: Language | None) -> str:
    return language.value if language else (await get_article(session, key)).article.language


def _show(stored: StoredArticle, as_json: bool) -> None:
    if as_json:
        print_json(article_shape(stored))
        return
    article = stored.article
    name = f"{article.key} ({article.language})"
    if article.pending_at is not None:
        print(f"{name}: version {article.pending_version} will be published at {article.pending_at.isoformat()}.")
    else:
        print(f"{name}: version {article.published_version} is what customers get.")


def register(app: typer.Typer) -> None:
    app.command()(publish)
    app.command()(diff)
    app.command()(rollback)

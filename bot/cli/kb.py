"""`kefu kb`: the articles as files, and how well they answer."""

from pathlib import Path
from typing import Annotated

import typer

from bot.bootstrap.sample import has_sample, remove_sample
from bot.cli import evaluation, kb_articles, kb_gaps, kb_labels
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.gate import Force, pass_gate, strays_among
from bot.cli.imports import DryRun, File, Map, Strict, finish, is_asked, read_mapping, show_first
from bot.cli.output import AsJson, Yes, confirm
from bot.cli.progress import bar
from bot.cli.sample import rebuild
from conversations.media import clean
from core.files import FolderStore
from core.import_report import ImportReport
from core.settings import load_settings
from core.table_files import write_table
from knowledge_base.article_files import FileKeeper
from knowledge_base.building import BuildFailed
from knowledge_base.checking import import_of
from knowledge_base.files import ArticleFiles, ImportOptions, ImportPlan
from knowledge_base.template import template as template_of

app = typer.Typer(name="kb", help="The knowledge base: articles in and out, and how well they answer.")
app.command("eval")(evaluation.evaluate)
kb_articles.register(app)
kb_gaps.register(app)
app.add_typer(kb_labels.labels)
app.add_typer(kb_labels.synonyms)

Target = Annotated[Path, typer.Argument(help="FILE.xlsx, FILE.csv or FILE.jsonl.")]


@app.command("import")
def import_articles(
    file: File,
    dry_run: DryRun = False,
    strict: Strict = False,
    yes: Yes = False,
    mapping: Map = None,
    archive_missing: Annotated[
        bool, typer.Option("--archive-missing", help="Archive the articles that the file does not have.")
    ] = False,
    replace_sample: Annotated[
        bool, typer.Option("--replace-sample", help="Remove the sample shop, which is loaded.")
    ] = False,
    keep_sample: Annotated[bool, typer.Option("--keep-sample", help="Keep the sample shop beside the file.")] = False,
    force: Force = None,
    as_json: AsJson = False,
) -> None:
    """Bring articles in from a spreadsheet or JSON lines; good rows go in, the others come back with the reason."""
    if replace_sample and keep_sample:
        raise typer.BadParameter("say one of --replace-sample and --keep-sample")
    columns = read_mapping(mapping)

    async def work(context: CommandContext) -> ImportReport:
        replaces = await _replaces_sample(context, replace_sample, keep_sample, ask=not yes)
        options = ImportOptions(strict, dry_run, archive_missing, replaces, columns, force)
        files = _files(context)
        plan = await files.plan(file, options)
        _agree(plan, yes or as_json)
        return await _apply(context, files, plan)

    finish(with_database(work), as_json, "Articles")


def _files(context: CommandContext) -> ArticleFiles:
    settings = context.settings
    keeper = FileKeeper(FolderStore(settings.data_dir / "files"), clean)
    return ArticleFiles(context.database, context.clock, settings.timezone, four_eyes=settings.four_eyes, keeper=keeper)


async def _replaces_sample(context: CommandContext, replace: bool, keep: bool, ask: bool) -> bool:
    """Whether the sample shop has to go first; said by an option, or on a terminal."""
    async with context.database.read() as session:
        if not await has_sample(session) or keep:
            return False
    if replace:
        return True
    if not (ask and is_asked()):
        raise typer.BadParameter("the sample shop is loaded: say --replace-sample or --keep-sample")
    return typer.confirm("The sample shop is loaded. Remove it and take these articles instead?")


def _agree(plan: ImportPlan, agreed: bool) -> None:
    """Shows the first rows and asks, on a terminal."""
    if plan.options.dry_run or plan.is_refused or not is_asked():
        return
    show_first(plan.preview(), len(plan.wanted.articles))
    confirm(f"Import {len(plan.wanted.articles)} articles?", agreed)


async def _apply(context: CommandContext, files: ArticleFiles, plan: ImportPlan) -> ImportReport:
    if plan.options.dry_run or plan.is_refused:
        return await files.apply(plan, whoami())
    async with context.database.read() as session:
        proposal = await import_of(session, plan)
    await pass_gate(context, proposal, plan.options.reason)
    if plan.options.without_sample:
        await remove_sample(context.database, context.clock, whoami())
    with bar("Importing articles") as progress:
        report = await files.apply(plan, whoami(), progress)
    if report.changes or plan.options.without_sample:
        try:
            await rebuild(context)
            report.warnings.extend(await strays_among(context, proposal))
        except BuildFailed as failed:
            report.warnings.append(failed.detail)
    return report


@app.command()
def export(file: Target) -> None:
    """Write all articles to a file; edit and import it, and nothing is lost."""

    async def work(context: CommandContext) -> int:
        return await _files(context).export(file)

    print(f"{with_database(work)} articles written to {file}")


@app.command()
def template(file: Target) -> None:
    """Write an empty sheet with two examples to begin with."""
    columns, rows = template_of(load_settings().language.value, in_words=file.suffix.lower() != ".jsonl")
    write_table(file, columns, rows)
    print(f"Written: {file}. Replace the two examples by your own, then: kefu kb import {file}")

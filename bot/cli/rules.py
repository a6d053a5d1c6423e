"""`kefu rules`: read, check, compare, try out and publish rules of any kind."""

from pathlib import Path
from typing import Annotated, Any

import typer

from admin.rule_kinds import Trial, Tried, describe, make_rulebook, try_out
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, confirm, print_json, print_table
from bot.cli.output import Yes as Agreed
from core.errors import InvalidInput, NotFound
from core.rule_texts import RuleKind
from core.rulebook import SHIPPED, Edition, diff_texts
from staff import audit

app = typer.Typer(name="rules", help="Rules: read, check, compare, try out, publish.", no_args_is_help=True)
Kind = Annotated[str, typer.Argument(help=f"One of: {', '.join(make_rulebook().kinds)}.")]
File = Annotated[Path, typer.Argument(help="A TOML file, as `kefu rules show KIND` prints it.")]


@app.command()
def show(
    kind: Kind,
    version: Annotated[int | None, typer.Option(help="A published version.", min=0)] = None,
    default: Annotated[bool, typer.Option("--default", help="The text that came with the product.")] = False,
) -> None:
    """Print the rules that hold, or another version."""
    rules = make_rulebook().kind(kind)
    found = with_database(lambda context: _edition(context, rules, SHIPPED if default else version))
    print(found.text, end="")


@app.command()
def check(kind: Kind, file: File) -> None:
    """Say in words what a file says, or what is wrong with it, with its path."""
    rules = make_rulebook().kind(kind).parse(_read(file))
    print(f"{file}: good rules of the kind {kind}.")
    for sentence in describe(kind, rules):
        print(f"  {sentence}")


@app.command()
def diff(kind: Kind, file: File) -> None:
    """Compare a file with the rules that hold."""
    rules, text = make_rulebook().kind(kind), _read(file)
    found = with_database(lambda context: _edition(context, rules, None))
    print(diff_texts(found.text, text, f"{kind}@{found.number}", str(file)) or "Nothing changes.\n", end="")


@app.command()
def backtest(
    kind: Kind,
    file: File,
    days: Annotated[int, typer.Option(help="How far back to look.", min=1, max=3650)] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what the rules in a file would change. Changes nothing."""
    rules, text = make_rulebook().kind(kind), _read(file)

    async def work(context: CommandContext) -> Tried:
        trial = Trial(context.database, context.settings.timezone, context.clock.now(), days)
        return await try_out(trial, make_rulebook(), rules, text)

    _print_tried(with_database(work), as_json)


@app.command()
def publish(
    kind: Kind,
    file: File,
    note: Annotated[str, typer.Option(help="Why, for those who read it later.")],
    yes: Agreed = False,
) -> None:
    """Make the rules in a file hold, at once and in every process."""
    rules, text = make_rulebook().kind(kind), _read(file)
    rules.parse(text)
    base = with_database(lambda context: _edition(context, rules, None)).number
    confirm(f"Publish {file} as version {base + 1} of {kind}?", yes)

    async def work(context: CommandContext) -> int:
        now = context.clock.now()
        async with context.database.write() as session:
            made = await make_rulebook().publish(session, rules, text, base=base, author=whoami(), note=note, now=now)
            audit.record(session, actor=whoami(), action="rules.publish", object=f"rules:{kind}", now=now, note=note)
        return made.number

    print(f"{kind} is at version {with_database(work)}.")


async def _edition(context: CommandContext, rules: RuleKind[Any], version: int | None) -> Edition[Any]:
    book = make_rulebook()
    async with context.database.read() as session:
        return await (book.current(session, rules) if version is None else book.edition(session, rules, version))


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise NotFound(f"{file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8 text") from None


def _print_tried(tried: Tried, as_json: bool) -> None:
    if as_json:
        print_json({"examined": tried.examined, "changes": tried.changes})
        return
    print(f"Of {tried.examined} looked at, this would change:" if tried.changes else "Nothing would change.")
    if tried.changes:
        print_table(tried.changes, tuple(tried.changes[0]))

"""`kefu programmes`: turn what the shop writes first on and off, having seen it first."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from admin.api.shapes.follow_up import follow_up_shape
from admin.api.shapes.programme_report import programme_report_shape
from admin.follow_ups import office_of
from admin.rule_kinds import make_rulebook
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, Yes, confirm, print_json, print_list
from conversations.amounts import amount_words
from conversations.values import Language
from core.money import Money
from core.shop import read_shop
from scheduler import programmes, trying
from scheduler.costs import cost_of
from scheduler.programme_report import Bought, ProgrammeReport, read_report
from scheduler.programmes import Listed
from scheduler.showing import Shown, show_preview
from scheduler.trying import Tested

app = typer.Typer(
    name="programmes", help="What the shop writes first: list, enable, pause, test, report.", no_args_is_help=True
)
Id = Annotated[str, typer.Argument(help="As `kefu programmes list` shows it.")]


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What a programme would send within the next 31 days, what its gifts cost at most, and the first of them."""

    count: int
    skipped: dict[str, int]
    cost: list[Money]
    first: list[Shown]


@app.command("list")
def list_programmes(as_json: AsJson = False) -> None:
    """Show every programme, and whether it is on."""

    async def work(context: CommandContext) -> tuple[list[Listed], str]:
        office = office_of(context.settings, make_rulebook())
        async with context.database.read() as session:
            return await programmes.list_programmes(session, office), office.staff_language

    listed, language = with_database(work)
    columns = ("id", "state", "kind", "name", "since")
    print_list([_row(one, language) for one in listed], as_json, columns, "The rules have no programmes.")


def _row(listed: Listed, language: str) -> dict[str, Any]:
    state = listed.state
    paused = f"paused ({state.paused_because})" if state and state.paused_because else "off"
    return {
        "id": listed.programme.id,
        "state": "on" if listed.is_on else paused,
        "kind": listed.programme.kind.value,
        "name": listed.programme.name.pick(language),
        "since": state.since.isoformat() if state and state.since and listed.is_on else None,
    }


@app.command()
def enable(
    programme_id: Id,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go out.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Turn a programme on. Shows first how many follow-ups it means within 31 days, and ten of them."""

    async def look(context: CommandContext) -> _Ahead:
        office, now = office_of(context.settings, make_rulebook()), context.clock.now()
        found = await trying.look_ahead(context.database, office, programme_id, now)
        async with context.database.read() as session:
            shown = await show_preview(session, office, found.first(trying.FIRST), found.contact, now)
            currency = (await read_shop(session))[0].currency
        return _Ahead(*found.counts(), cost_of(found.rows, currency), shown)

    ahead = with_database(look)
    if as_json:
        items = [follow_up_shape(one).model_dump(mode="json") for one in ahead.first]
        cost = [{"amount_minor": money.amount_minor, "currency": money.currency} for money in ahead.cost]
        print_json({"count": ahead.count, "cost": cost, "skip": ahead.skipped, "first": items})
    else:
        _print_ahead(programme_id, ahead)
    if dry_run:
        return
    confirm(f"Enable {programme_id}?", yes)

    async def work(context: CommandContext) -> None:
        office = office_of(context.settings, make_rulebook())
        async with context.database.write() as session:
            await programmes.enable(session, office, programme_id, by=whoami(), now=context.clock.now())

    with_database(work)
    if not as_json:
        print(f"{programme_id} is on.")


def _print_ahead(programme_id: str, ahead: _Ahead) -> None:
    cost = " and ".join(amount_words(money, Language.EN) for money in ahead.cost)
    what = f"their gifts cost {cost} at most" if cost else "each is one message and costs nothing else"
    print(f"Within the next 31 days {programme_id} would send {ahead.count}; {what}.")
    for reason, number in ahead.skipped.items():
        print(f"  {number} would not be sent: {reason}")
    for shown in ahead.first:
        name = shown.customer.name if shown.customer else ""
        print(f"\n{shown.due_local:%Y-%m-%d %H:%M} {name or ''}\n{shown.text}")


@app.command()
def pause(programme_id: Id) -> None:
    """Turn a programme off; what is planned is not sent."""

    async def work(context: CommandContext) -> None:
        office = office_of(context.settings, make_rulebook())
        async with context.database.write() as session:
            await programmes.pause(session, office, programme_id, by=whoami(), now=context.clock.now())

    with_database(work)
    print(f"{programme_id} is off.")


@app.command()
def report(programme_id: Id, as_json: AsJson = False) -> None:
    """Show what a programme has done: sent, answered, stopped, bought afterwards beside the holdout."""

    async def work(context: CommandContext) -> ProgrammeReport:
        office = office_of(context.settings, make_rulebook())
        async with context.database.read() as session:
            listed = await programmes.get_programme(session, office, programme_id)
            return await read_report(session, listed.programme, context.clock.now())

    found = with_database(work)
    if as_json:
        print_json(programme_report_shape(found).model_dump(mode="json"))
    else:
        _print_report(found)


def _print_report(found: ProgrammeReport) -> None:
    print(f"{found.programme}: sent {found.sent}, answered {found.answered}, stopped {found.stopped}")
    for reason, number in found.skipped.items():
        print(f"  {number} skipped: {reason}")
    for answer in found.answers:
        print(f"  question {answer.question}, {answer.kind.value} {answer.value or ''}".rstrip() + f": {answer.count}")
    for gift in found.gifts:
        taken = amount_words(Money(gift.amount_minor, gift.currency), Language.EN)
        print(f"  gifts: {gift.offered} offered, {gift.taken} taken, worth {taken}")
    print(f"Bought within {found.within_days} days: {_bought(found.reached)}; kept out: {_bought(found.held_out)}")


def _bought(found: Bought) -> str:
    share = f" ({found.share:.1%})" if found.share is not None else ""
    running = f", {found.running} not over yet" if found.running else ""
    return f"{found.bought} of {found.customers}{share}{running}"


@app.command()
def test(
    programme_id: Id,
    to: Annotated[str, typer.Option(help="A colleague with a linked account, or a customer's number.")],
) -> None:
    """Send a programme's first message, filled with examples, to one person."""

    async def work(context: CommandContext) -> Tested:
        office = office_of(context.settings, make_rulebook())
        async with context.database.write() as session:
            return await trying.send_test(session, office, programme_id, to, by=whoami(), now=context.clock.now())

    tested = with_database(work)
    print(f"Delivery {tested.delivery_id} will be sent by the running Kefu:\n{tested.text}")

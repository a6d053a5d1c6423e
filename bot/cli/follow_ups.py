"""`kefu follow-ups`: what would be written first, what was; and the switch that holds it all."""

from datetime import datetime
from typing import Annotated, Any

import typer

from admin.api.shapes.follow_up import follow_up_shape
from admin.follow_ups import office_of
from admin.rule_kinds import make_rulebook
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list, print_table
from core.errors import NotFound
from customers import service as customer_service
from scheduler import follow_ups, programmes
from scheduler.follow_ups import FollowUpFilter
from scheduler.preview import Asked, preview, span_of_days
from scheduler.showing import Shown, show_follow_ups, show_preview
from scheduler.values import FollowUpState

app = typer.Typer(
    name="follow-ups", help="What the shop writes first: preview, list, cancel, hold.", no_args_is_help=True
)
_COLUMNS = ("due", "programme", "customer", "decision", "because", "text")
Programme = Annotated[str | None, typer.Option(help="A programme's id, as `kefu programmes list` shows it.")]
Customer = Annotated[str | None, typer.Option(help="A customer's id, or the shop's number for them.")]


@app.command("preview")
def show_preview_of(
    start: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; at most 31 days.")],
    programme: Programme = None,
    customer: Customer = None,
    as_json: AsJson = False,
) -> None:
    """Show who would get what, when and why; who would not, and why. Changes nothing."""

    async def work(context: CommandContext) -> tuple[list[Shown], tuple[int, dict[str, int]]]:
        office, now = office_of(context.settings, make_rulebook()), context.clock.now()
        async with context.database.read() as session:
            if programme is not None:
                await programmes.get_programme(session, office, programme)
            customer_id = await _customer_id(session, customer)
        asked = Asked(span_of_days(office, start.date(), end.date()), programme, customer_id)
        found = await preview(context.database, office, asked, now)
        async with context.database.read() as session:
            return await show_preview(session, office, found.rows, found.contact, now), found.counts()

    shown, (sent, skipped) = with_database(work)
    if as_json:
        print_json({"items": [_json(one) for one in shown], "counts": {"send": sent, "skip": skipped}})
        return
    print_table([_line(one) for one in shown], _COLUMNS)
    print(f"{sent} would be sent." + "".join(f" {count} not: {reason}." for reason, count in skipped.items()))


@app.command("list")
def list_follow_ups(
    state: Annotated[FollowUpState | None, typer.Option(help="planned, sent, skipped ...")] = None,
    programme: Programme = None,
    customer: Customer = None,
    as_json: AsJson = False,
) -> None:
    """Show what is planned, was sent and was skipped, the newest first."""

    async def work(context: CommandContext) -> list[Shown]:
        office = office_of(context.settings, make_rulebook())
        async with context.database.read() as session:
            wanted = FollowUpFilter(state, programme, await _customer_id(session, customer))
            rows = await follow_ups.list_follow_ups(session, wanted, limit=None)
            return await show_follow_ups(session, office, rows, context.clock.now())

    shown = with_database(work)
    if as_json:
        print_list([_json(one) for one in shown], True, (), "")
        return
    lines = [{"id": one.id, "state": one.state.value, **_line(one)} for one in shown]
    print_list(lines, False, ("id", "state", *_COLUMNS), "No follow-up has been planned.")


@app.command()
def cancel(follow_up_id: Annotated[int, typer.Argument(help="As `kefu follow-ups list` shows it.", min=1)]) -> None:
    """Take a follow-up back before it goes out."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await follow_ups.cancel(session, follow_up_id, by=whoami(), now=context.clock.now())

    with_database(work)
    print(f"Follow-up {follow_up_id} will not be sent.")


@app.command()
def hold() -> None:
    """Stop everything that the shop says first, in every process; answers go on."""

    async def work(context: CommandContext) -> None:
        async with context.database.write() as session:
            await programmes.hold(session, by=whoami(), now=context.clock.now())

    with_database(work)
    print("All follow-ups are on hold; kefu follow-ups release lets them go on.")


@app.command()
def release() -> None:
    """Let follow-ups go on; what has expired meanwhile is dropped."""

    async def work(context: CommandContext) -> bool:
        async with context.database.write() as session:
            return await programmes.release(session, by=whoami(), now=context.clock.now())

    print("Follow-ups go on." if with_database(work) else "Follow-ups were not on hold.")


async def _customer_id(session: Any, wanted: str | None) -> int | None:
    """By the shop's number, else by the id."""
    if wanted is None:
        return None
    found = await customer_service.find_by_external_id(session, wanted)
    if found is None and wanted.isdigit():
        found = await customer_service.find_customer(session, int(wanted))
    if found is None:
        raise NotFound(f"there is no customer {wanted!r}")
    return found.id


def _json(shown: Shown) -> dict[str, Any]:
    return follow_up_shape(shown).model_dump(mode="json")


def _line(shown: Shown) -> dict[str, Any]:
    customer = shown.customer
    return {
        "due": f"{shown.due_local:%Y-%m-%d %H:%M %z}",
        "programme": shown.programme,
        "customer": (customer.name or customer.external_id or customer.id) if customer else "",
        "decision": "send" if shown.is_sent else "skip",
        "because": shown.because_text,
        "text": " ".join(shown.text.split())[:60],
    }

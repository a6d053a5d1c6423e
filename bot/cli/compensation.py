"""`kefu compensation`: what was promised to customers, and what was paid or sent."""

from typing import Annotated, Any

import typer

from admin.api.shapes.compensation import grant_shape, grant_shapes
from bot.bootstrap.policies import make_policies
from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json, print_list
from conversations import grant_news
from core.money import Money
from tickets import grants
from tickets.grants import GrantFilter

app = typer.Typer(name="compensation", help="What was promised to customers.", no_args_is_help=True)
_MOST = 10_000
_COLUMNS = ("id", "ticket", "customer", "kind", "amount", "state", "requested_by", "created_at")


@app.command("list")
def list_grants(
    to_pay: Annotated[bool, typer.Option("--to-pay", help="What people have to pay or send.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show grants, newest first."""

    async def work(context: CommandContext) -> list[dict[str, Any]]:
        async with context.database.read() as session:
            found = await grants.list_grants(session, GrantFilter(to_pay=to_pay), limit=_MOST)
            shapes = await grant_shapes(session, found, _language(context))
        return [shape.model_dump(mode="json") for shape in shapes]

    rows = with_database(work)
    shown = rows if as_json else [_short(row) for row in rows]
    print_list(shown, as_json, _COLUMNS, "Nothing is to be paid." if to_pay else "Nothing was given yet.")


@app.command()
def issue(
    grant_id: Annotated[int, typer.Argument(metavar="ID", help="As `kefu compensation list` shows it.", min=1)],
    reference: Annotated[str, typer.Option(help="Of the payment or the parcel.")],
    as_json: AsJson = False,
) -> None:
    """It was paid or sent; the customer hears of it now."""

    async def work(context: CommandContext) -> dict[str, Any]:
        policies = make_policies(context.settings, open_secretbox(context.settings))
        async with context.database.write() as session:
            doing = await policies.work(session, context.clock.now(), whoami())
            issued = await grant_news.issue(doing, grant_id, reference)
            return (await grant_shape(session, issued, _language(context))).model_dump(mode="json")

    row = with_database(work)
    if as_json:
        print_json(row)
    else:
        print(f"Compensation {grant_id} is issued: {_short(row)['amount']}, {reference}.")


def _language(context: CommandContext) -> str:
    return (context.settings.staff_language or context.settings.language).value


def _short(row: dict[str, Any]) -> dict[str, Any]:
    customer = row["customer"]["name"] or row["customer"]["external_id"] or row["customer"]["id"]
    return row | {"customer": customer, "amount": str(Money(row["amount_minor"], row["currency"]))}

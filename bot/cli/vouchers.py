"""`kefu vouchers`: at the till."""

from typing import Annotated

import typer

from admin.api.shapes.compensation import VoucherShape, voucher_shape
from bot.bootstrap.policies import make_policies
from bot.bootstrap.storage import open_secretbox
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import AsJson, print_json
from core.errors import Conflict
from core.money import Money
from tickets import redemption

app = typer.Typer(name="vouchers", help="Vouchers at the till: is it good, and spend it.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="As the customer shows it; spaces and dashes do not matter.")]


@app.command()
def check(code: Code, as_json: AsJson = False) -> None:
    """Is it good? Changes nothing."""

    async def work(context: CommandContext) -> VoucherShape:
        policies = make_policies(context.settings, open_secretbox(context.settings))
        async with context.database.read() as session:
            grant = await redemption.find_voucher(session, policies.codes, code)
            try:
                redemption.check(grant, context.clock.now())
            except Conflict:
                return voucher_shape(grant, usable=False)
            return voucher_shape(grant, usable=True)

    _show(with_database(work), as_json)


@app.command()
def redeem(
    code: Code,
    order: Annotated[str | None, typer.Option(help="What it is spent on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Spend it, once."""

    async def work(context: CommandContext) -> VoucherShape:
        policies = make_policies(context.settings, open_secretbox(context.settings))
        async with context.database.write() as session:
            doing = await policies.work(session, context.clock.now(), whoami())
            return voucher_shape(await redemption.redeem(doing, code, order), usable=False)

    _show(with_database(work), as_json)


def _show(voucher: VoucherShape, as_json: bool) -> None:
    if as_json:
        print_json(voucher.model_dump(mode="json"))
        return
    until = f", until {voucher.expires_at:%Y-%m-%d}" if voucher.expires_at and voucher.usable else ""
    amount = Money(voucher.amount_minor, voucher.currency)
    print(f"{amount}: {'good' if voucher.usable else voucher.state.value}{until}")

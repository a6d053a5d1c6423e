"""`kefu sample`: the sample shop, in and out."""

import typer

from bot.bootstrap.knowledge import open_knowledge
from bot.bootstrap.sample import has_sample, load_sample, remove_sample
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.output import Yes, confirm
from bot.cli.progress import spinner

app = typer.Typer(name="sample", help="The sample tea shop: into an empty database, and out again without a trace.")


@app.command()
def load() -> None:
    """Load the sample shop into an empty database."""

    async def work(context: CommandContext) -> None:
        await load_sample(context.database, context.clock, whoami())
        await rebuild(context)

    with_database(work)
    print('The sample shop is loaded. Try: kefu ask "how do I brew Longjing"')


@app.command()
def remove(yes: Yes = False) -> None:
    """Remove everything that belongs to the sample shop; what is your own stays."""

    async def there(context: CommandContext) -> bool:
        async with context.database.read() as session:
            return await has_sample(session)

    if not with_database(there):
        print("There is no sample shop here.")
        return
    confirm("Remove the sample shop's articles, customers, orders and facts?", yes)

    async def work(context: CommandContext) -> int:
        count = await remove_sample(context.database, context.clock, whoami())
        await rebuild(context)
        return count

    print(f"Removed: {with_database(work)} articles, and all that came with them.")


async def rebuild(context: CommandContext) -> None:
    """Builds what is served from now on; what was removed is in no snapshot any more."""
    async with open_knowledge(context.database, context.clock, context.settings) as knowledge:
        with spinner("Building the index"):
            await knowledge.refresh(fully=True)
        await knowledge.forget_older()

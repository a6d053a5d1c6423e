"""What a change makes of the shop's labelled questions, said before it goes to customers."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.bootstrap.knowledge import open_knowledge
from bot.cli.context import CommandContext
from bot.cli.progress import spinner
from knowledge_base.checking import Gate, Proposal
from knowledge_base.gate import GateRefused, Opinion
from knowledge_base.labels import has_labels

Force = Annotated[
    str | None,
    typer.Option("--force", metavar="REASON", help="Go on although labelled questions are served worse, and say why."),
]
_SHOWN = 10


async def pass_gate(context: CommandContext, proposal: Proposal, reason: str | None) -> Opinion | None:
    """Tries the change out; None where a reason was given to go on in any case.

    Raises:
        GateRefused: it is worse; the questions that broke have been printed.
        BadParameter: the reason is empty.
    """
    if reason is not None:
        if not reason.strip():
            raise typer.BadParameter("say why", param_hint="--force")
        return None
    with spinner("Asking the labelled questions"):
        opinion = await Gate(context.database, context.clock, context.settings).check(proposal)
    try:
        opinion.refuse_if_worse()
    except GateRefused:
        _show_broken(opinion)
        raise
    return opinion


def _show_broken(opinion: Opinion) -> None:
    assert opinion.comparison is not None
    for before, after in opinion.comparison.lost:
        was, would = before.given or before.outcome, after.given or after.outcome
        print(f"Worse: {after.question}  ({before.outcome} {was} -> {after.outcome} {would})", file=sys.stderr)


async def strays_among(context: CommandContext, proposal: Proposal) -> Sequence[str]:
    """Without labels: which wordings of the changed articles lead elsewhere, each left out in turn."""
    async with context.database.read() as session:
        if await has_labels(session):
            return ()
    articles = [content.indexed(*name, version) for name, (version, content) in proposal.put.items()]
    async with open_knowledge(context.database, context.clock, context.settings) as knowledge:
        await knowledge.refresh()
        found = [stray.words for stray in await knowledge.find_strays(articles)]
    more = [f"and {len(found) - _SHOWN} more wordings lead elsewhere"] if len(found) > _SHOWN else []
    return [*found[:_SHOWN], *more]

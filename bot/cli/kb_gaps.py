"""`kefu kb gaps`: what customers asked and nothing answered."""

from typing import Annotated

import typer

from bot.bootstrap.knowledge import open_knowledge
from bot.cli.context import CommandContext, with_database
from bot.cli.output import AsJson, print_list
from conversations.agent_answers import find_agent_answer
from core.settings import Language
from knowledge_base.gap_list import Gap, list_gaps
from knowledge_base.gaps import group_questions
from knowledge_base.values import GroupState

_COLUMNS = ("id", "customers", "hand_overs", "complaints", "language", "question")


def gaps(
    state: Annotated[GroupState, typer.Option(help="Which of them.")] = GroupState.OPEN,
    language: Annotated[Language | None, typer.Option("--language", help="Which language; default: both.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the questions that nothing answered, grouped, the weightiest first."""

    async def work(context: CommandContext) -> list[dict[str, object]]:
        async with open_knowledge(context.database, context.clock, context.settings) as knowledge:
            await knowledge.refresh()
            await group_questions(context.database, knowledge, context.clock.now())
        async with context.database.read() as session:
            found = await list_gaps(session, state, language.value if language else None)
            return [_row(gap, await find_agent_answer(session, gap.group.id)) for gap in found]

    print_list(with_database(work), as_json, _COLUMNS, "Nothing: every question was answered, or none was asked.")


def _row(gap: Gap, agent_answer: str | None) -> dict[str, object]:
    return {
        "id": gap.group.id,
        "state": gap.group.state.value,
        "language": gap.group.language,
        "question": gap.question,
        "phrasings": list(gap.wordings[1:]),
        "asked": gap.asked,
        "customers": gap.customers,
        "hand_overs": gap.hand_overs,
        "complaints": gap.complaints,
        "first_at": gap.first_at.isoformat(),
        "last_at": gap.last_at.isoformat(),
        "agent_answer": agent_answer,
        "article": gap.group.article,
    }


def register(app: typer.Typer) -> None:
    app.command()(gaps)

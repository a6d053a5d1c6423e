"""`kefu ask`: what the bot would answer, and why."""

import asyncio
import time
from typing import Annotated, Any

import typer

from bot.bootstrap.first_start import load_sample_once
from bot.bootstrap.knowledge import open_knowledge
from bot.cli.context import CommandContext, with_database
from bot.cli.output import AsJson, print_json
from bot.cli.progress import spinner
from conversations.intents import Meaning, understand
from core.settings import Language
from core.shop import read_shop
from knowledge_base.shapes import search_shape
from knowledge_base.values import Outcome, SearchContext, SearchResult

_SAID = {
    Outcome.ANSWER: "The customer would get this answer",
    Outcome.CLARIFY: "The customer would be asked which of these is meant",
    Outcome.NONE: "The bot would say that it does not know, and offer a person",
}


def ask(
    text: Annotated[str, typer.Argument(help="What a customer writes.")],
    language: Annotated[
        Language | None, typer.Option(help="The customer's language; default: that of the text.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the bot would answer, and why."""

    async def work(context: CommandContext) -> tuple[SearchResult, dict[str, Any]]:
        async with open_knowledge(context.database, context.clock, context.settings, (text,)) as knowledge:
            with spinner("Reading the knowledge base"):
                sample = load_sample_once(context.database, context.clock, context.settings)
                await asyncio.gather(sample, knowledge.warm())
                await knowledge.refresh()
            asked = SearchContext(language.value if language else None)
            started = time.perf_counter()
            found = await knowledge.search(text, asked)
            took_ms = (time.perf_counter() - started) * 1000
        async with context.database.read() as session:
            facts, _ = await read_shop(session)
        return found, search_shape(found, took_ms, facts)

    result, shape = with_database(work)
    if as_json:
        print_json(shape)
    else:
        _say_if_no_question(text)
        _explain(result, shape)


def _say_if_no_question(text: str) -> None:
    """A greeting, or asking for a person, has its own answer in a chat."""
    meaning = understand(text).meaning
    if meaning is not Meaning.ASKED:
        print(f"In a chat this is no question (it is understood as: {meaning.value.replace('_', ' ')}). As a question:")


def _explain(result: SearchResult, shape: dict[str, Any]) -> None:
    print(f"{_SAID[result.outcome]} ({shape['confidence']:.0%} sure, {shape['took_ms']:.0f} ms).")
    for answer in (shape, *shape["also"]) if result.answer else ():
        print(f"\n[{answer['article']}, {answer['language']}, version {answer['version']}]\n{answer['answer']}")
    if result.candidates:
        print("\nClosest questions:")
    for candidate in result.candidates[:3]:
        print(f"  {candidate.score:4.0%}  {candidate.question}  [{candidate.article}]")


def register(app: typer.Typer) -> None:
    app.command()(ask)

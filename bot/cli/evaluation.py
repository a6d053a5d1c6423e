"""`kefu kb eval`: how well labelled questions are answered."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.bootstrap.knowledge import open_knowledge
from bot.cli.context import CommandContext, with_database
from bot.cli.output import AsJson, print_json
from bot.cli.progress import bar, spinner
from core.errors import InvalidInput
from knowledge_base.evaluation import Judged, figures, judge
from knowledge_base.labels import list_labels, read_labels
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import LabelledExample

_PORTION = 50


def evaluate(
    file: Annotated[Path | None, typer.Argument(help="Labelled questions; none: the shop's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score labelled questions: which find their article, which are rightly left alone."""

    async def work(context: CommandContext) -> dict[str, Any]:
        examples = await _examples(context, file)
        async with open_knowledge(context.database, context.clock, context.settings) as knowledge:
            with spinner("Reading the knowledge base"):
                await knowledge.refresh(fully=True)
            return figures(list(_judge(examples, knowledge)))

    found = with_database(work)
    if as_json:
        print_json(found)
    else:
        _explain(found)


async def _examples(context: CommandContext, file: Path | None) -> list[LabelledExample]:
    if file is None:
        async with context.database.read() as session:
            examples = await list_labels(session)
        if not examples:
            raise InvalidInput("there are no labelled questions yet: name a file with the columns question and article")
        return examples
    examples, rejected, warnings = read_labels(file)
    for warning in warnings:
        print(f"Note: {warning}.", file=sys.stderr)
    if rejected:
        _, first = rejected[0]
        raise InvalidInput(f"{file.name}, row {first.row}: {first.column or 'the row'} {first.reason}")
    return examples


def _judge(examples: list[LabelledExample], knowledge: KnowledgeBase) -> Iterator[Judged]:
    with bar("Asking") as progress:
        for start in range(0, len(examples), _PORTION):
            yield from judge(examples[start : start + _PORTION], knowledge.search_now)
            progress(min(start + _PORTION, len(examples)), len(examples))


def _explain(found: dict[str, Any]) -> None:
    inside, outside = found["in_scope"], found["out_of_scope"]
    print(f"{found['questions']} questions")
    print(f"Answerable: {inside['n']}")
    for name in ("top1", "recall_at_3", "answered", "answered_correctly", "clarified_correctly"):
        print(f"  {name.replace('_', ' '):<20} {_share(inside[name])}")
    print(f"Not answerable: {outside['n']}")
    for name in ("refused", "not_answered"):
        print(f"  {name.replace('_', ' '):<20} {_share(outside[name])}")
    latency = found["latency_ms"]
    print(f"AUROC {found['auroc']}; {latency['p50']} ms a question, 99 % under {latency['p99']} ms")
    if found["confusions"]:
        print("Most often confused (expected, given, times):")
    for expected, given, count in found["confusions"]:
        print(f"  {expected} -> {given}  {count}")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"

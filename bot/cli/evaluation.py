"""`kefu kb eval`: how well labelled questions are answered."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.bootstrap.knowledge import open_knowledge
from bot.cli.context import CommandContext, whoami, with_database
from bot.cli.evaluation_report import explain
from bot.cli.output import AsJson, print_json
from bot.cli.progress import bar, spinner
from bot.cli.sample import rebuild
from core.errors import InvalidInput
from knowledge_base.article_audit import Edit
from knowledge_base.comparing import Verdict, compare, read_verdicts, write_verdicts
from knowledge_base.curve import draw
from knowledge_base.evaluation import Judged, calibration_error, figures, judge, reliability, weakest_articles
from knowledge_base.labels import list_labels, read_labels
from knowledge_base.service import KnowledgeBase
from knowledge_base.text import has_han
from knowledge_base.tuning import read_thresholds, store_thresholds, tune
from knowledge_base.values import LabelledExample

_PORTION = 50


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What is done beside scoring."""

    more: bool
    curve: Path | None
    save: Path | None
    against: Path | None
    tune: bool


def evaluate(
    file: Annotated[Path | None, typer.Argument(help="Labelled questions; none: the shop's own.")] = None,
    as_json: AsJson = False,
    more: Annotated[
        bool, typer.Option("--more", help="In JSON too: weakest articles, calibration error, the curve's points.")
    ] = False,
    curve: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw how sure it was against how often it was right.")
    ] = None,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep this run, to compare others with.")] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with a kept run: of another base or other settings.")
    ] = None,
    tune_: Annotated[
        bool, typer.Option("--tune", help="Set the thresholds that serve these questions best, and say what it brings.")
    ] = False,
) -> None:
    """Score labelled questions: which find their article, which are rightly left alone."""
    wishes = _Wishes(more, curve, save, against, tune_)

    async def work(context: CommandContext) -> dict[str, Any]:
        examples = await _examples(context, file)
        earlier = read_verdicts(against) if against else None
        rehearsed = _one_of_each_script(examples)
        async with open_knowledge(context.database, context.clock, context.settings, rehearsed) as knowledge:
            with spinner("Reading the knowledge base"):
                await knowledge.refresh(fully=True)
            judged = list(_judge(examples, knowledge))
        found = figures(judged) | _beside(judged, wishes, earlier, everything=more or not as_json)
        return found | {"tuned": await _tune(context, judged)} if wishes.tune else found

    found = with_database(work)
    if as_json:
        print_json(found)
    else:
        explain(found)


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


def _one_of_each_script(examples: Sequence[LabelledExample]) -> list[str]:
    """What is timed is the search, not the loading of the models that the first question of its kind needs."""
    return list({has_han(example.question): example.question for example in examples}.values())


def _judge(examples: list[LabelledExample], knowledge: KnowledgeBase) -> Iterator[Judged]:
    with bar("Asking") as progress:
        for start in range(0, len(examples), _PORTION):
            yield from judge(examples[start : start + _PORTION], knowledge.search_now)
            progress(min(start + _PORTION, len(examples)), len(examples))


def _beside(
    judged: Sequence[Judged], wishes: _Wishes, earlier: list[Verdict] | None, everything: bool
) -> dict[str, Any]:
    """What goes beyond the figures that scripts always get, and the files that were asked for."""
    verdicts, error = [Verdict.of(one) for one in judged], calibration_error(judged)
    if wishes.save:
        write_verdicts(wishes.save, verdicts)
    if wishes.curve:
        wishes.curve.write_text(draw(reliability(judged), error, f"{len(judged)} questions"), "utf-8")
    found: dict[str, Any] = {}
    if everything:
        found["calibration_error"] = round(error, 4)
        found["reliability"] = [asdict(one) for one in reliability(judged)]
        found["weakest"] = [[key, round(share, 4), count] for key, share, count in weakest_articles(judged)]
    if earlier is not None:
        found["comparison"] = compare(earlier, verdicts).shape()
    return found


async def _tune(context: CommandContext, judged: Sequence[Judged]) -> dict[str, Any]:
    """Writes the thresholds, with the figures behind them, and has the index built with them."""
    async with context.database.read() as session:
        current = await read_thresholds(session)
    tuned = tune(judged, current)
    if tuned.thresholds == current:
        return tuned.shape()
    async with context.database.write() as session:
        await store_thresholds(session, tuned, Edit(whoami(), context.clock.now()))
    await rebuild(context)
    return tuned.shape()

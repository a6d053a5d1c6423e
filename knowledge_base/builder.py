"""The process that builds: `python -m knowledge_base.builder FOLDER`, started by `knowledge_base.building`.

Each stage is named on stdout when it is complete.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from knowledge_base.build_request import BuildRequest, Stage
from knowledge_base.judging import RememberingEmbedder, judge_both
from knowledge_base.semantic import Embedder, load_embedder
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.training import fit

_NICE = 5


def build(folder: Path, say: Callable[[Stage], None]) -> None:
    """Builds what FOLDER/request.json asks for; `say` hears of each stage when it is complete."""
    request = BuildRequest.read(folder)
    embedder, _ = load_embedder(request.embedder)
    if request.examples or request.vectors:
        embedder = RememberingEmbedder(embedder, request.vectors)
    previous = _load_previous(request.previous, embedder)
    edited = build_snapshot(request.articles, embedder, request.synonyms, request.thresholds, previous)
    # Without a previous one there is no head to go on with, and the answers would be poor.
    if previous is not None and not request.examples:
        edited.save(folder / Stage.QUICK)
        say(Stage.QUICK)
    built = _fitted(edited)
    built.save(folder / Stage.FULL)
    say(Stage.FULL)
    if previous is not None and request.examples:
        judge_both(previous, built, request, folder)
        say(Stage.JUDGED)


def _fitted(snapshot: Snapshot) -> Snapshot:
    """With a head of its own where one can be fitted; without it the shop is still answered."""
    try:
        return fit(snapshot)
    except (ValueError, ArithmeticError) as error:
        sys.stderr.write(f"no head could be fitted: {error!r}\n")
        return snapshot


def _say(stage: Stage) -> None:
    sys.stdout.write(f"{stage}\n")
    sys.stdout.flush()


def _load_previous(folder: Path | None, embedder: Embedder) -> Snapshot | None:
    """The snapshot to start from; None where it cannot be read, which costs time and nothing else."""
    try:
        return Snapshot.load(folder, embedder) if folder else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


if __name__ == "__main__":
    os.nice(_NICE)
    build(Path(sys.argv[1]), _say)

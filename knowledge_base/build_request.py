"""What a building process is told, and how it says how far it is. Light: the process starts with nothing else."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from knowledge_base.article_facts import article_facts, article_from
from knowledge_base.values import IndexedArticle, LabelledExample, Thresholds

_REQUEST = "request.json"
Synonyms = tuple[tuple[str, ...], ...]


class Stage(StrEnum):
    """How far a snapshot is built: an edit of the one before it, live at once, or fitted whole; or measured too."""

    QUICK = "quick"
    FULL = "full"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What goes into a snapshot. `previous` is the folder of a served one whose vectors can be used again.

    With `examples` there is no quick stage: what is built and the previous one are asked all of them, and their
    verdicts are written beside (see `judging`). `given_up`: keys that nothing is to answer for any more.

    `vectors`: what some wordings mean, by who has the models in memory: to load them takes longer than a few wordings.
    """

    articles: Sequence[IndexedArticle]
    embedder: str
    synonyms: Synonyms = ()
    thresholds: Thresholds | None = None
    previous: Path | None = None
    examples: Sequence[LabelledExample] = ()
    given_up: Sequence[str] = ()
    vectors: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        document = {name: getattr(self, name) for name in self.__slots__}
        document["articles"] = [article_facts(article) for article in self.articles]
        document["examples"] = [asdict(example) for example in self.examples]
        document["thresholds"] = None if self.thresholds is None else asdict(self.thresholds)
        document["previous"] = None if self.previous is None else str(self.previous)
        (folder / _REQUEST).write_text(json.dumps(document, ensure_ascii=False), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "BuildRequest":
        document: dict[str, Any] = json.loads((folder / _REQUEST).read_text("utf-8"))
        thresholds, previous = document["thresholds"], document["previous"]
        return cls(
            articles=[article_from(row) for row in document["articles"]],
            embedder=document["embedder"],
            synonyms=tuple(tuple(group) for group in document["synonyms"]),
            thresholds=Thresholds(**thresholds) if thresholds else None,
            previous=Path(previous) if previous else None,
            examples=[LabelledExample(**row) for row in document["examples"]],
            given_up=document["given_up"],
            vectors=document["vectors"],
        )

"""Trying a change out before it goes to customers: built beside what is served, asked the shop's labelled questions.

All of it happens outside transactions. What was looked at is known by the revision of what is served; whoever then
publishes makes sure that it has not moved (`confirm_unmoved`).
"""

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.clock import Clock
from core.database import Database, ReadSession
from core.errors import Conflict
from core.ids import new_token
from core.settings import Settings
from knowledge_base import repository
from knowledge_base.articles import get_article
from knowledge_base.build_request import BuildRequest, Stage
from knowledge_base.building import build_apart
from knowledge_base.content import ArticleContent
from knowledge_base.files import ImportPlan
from knowledge_base.gate import Opinion
from knowledge_base.history import get_version
from knowledge_base.import_plan import Change
from knowledge_base.import_rows import Chosen
from knowledge_base.judging import read_comparison
from knowledge_base.labels import list_labels
from knowledge_base.plans import Plan, plan_name, read_plan
from knowledge_base.provision import Provision
from knowledge_base.repository import ServedRow, content_of
from knowledge_base.semantic import load_embedder
from knowledge_base.snapshot_store import SnapshotStore
from knowledge_base.values import ArticleStatus, IndexedArticle, LabelledExample

Name = tuple[str, str]
_NOT_STORED = -1


class ServedMoved(Conflict):
    """What customers get has changed since the change was tried out."""

    code = "served_moved"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be served otherwise: articles by key and language with their new version, and those that would go.

    `given_up`: keys of those that go by somebody's wish: nothing is meant to answer their questions any more.
    """

    put: Mapping[Name, tuple[int, ArticleContent]] = field(default_factory=dict)
    gone: frozenset[Name] = frozenset()
    without_sample: bool = False
    given_up: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for key, _ in (*self.put, *self.gone))


@dataclass(frozen=True, slots=True)
class _Trial:
    """What is served, what would be, and what both are asked."""

    served: Plan
    wanted: Plan
    articles: Sequence[IndexedArticle]
    examples: Sequence[LabelledExample]

    @property
    def is_needless(self) -> bool:
        return not self.examples or not self.served.rows or self.served.name == self.wanted.name


class Gate:
    """Tries changes of one shop's articles out. `patience`: seconds that a request waits for an opinion."""

    patience = 8.0

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._setting = settings.embedder.value
        self._embedder, _ = load_embedder(self._setting)
        builder = f"{socket.gethostname()}:{os.getpid()}:{new_token()[:6]}"
        self._store = SnapshotStore(database, clock, settings.data_dir / "snapshots", builder)
        self._provision = Provision(database, self._store, self._setting)

    async def check(self, proposal: Proposal) -> Opinion:
        """What the change makes of the labelled questions. Seconds of CPU in a process of its own, if there are any.

        What was built is kept where it is not worse, so that it is served at once when it is published.

        Raises:
            BuildFailed
        """
        trial = await self._prepare(proposal)
        opinion = Opinion(trial.served.revision, proposal.keys)
        if trial.is_needless:
            return opinion
        await self._provision.provide(trial.served, _ignore)
        request = BuildRequest(
            trial.articles,
            self._setting,
            trial.wanted.synonyms,
            trial.wanted.thresholds,
            self._store.path(trial.served.name),
            trial.examples,
            sorted(proposal.given_up),
        )
        async with self._store.workshop() as folder:
            async with aclosing(build_apart(request, folder)) as stages:
                async for _ in stages:
                    pass
            opinion = replace(opinion, comparison=read_comparison(folder))
            if not opinion.is_worse:
                await self._store.keep(trial.wanted.name, folder / Stage.FULL)
        return opinion

    async def _prepare(self, proposal: Proposal) -> _Trial:
        now = self._clock.now()
        async with self._database.read() as session:
            served = await read_plan(session, now, self._embedder.name)
            examples = await list_labels(session, without_sample=True)
            gone = proposal.gone | (await repository.sample_names(session) if proposal.without_sample else frozenset())
            stay = [row for row in served.rows if (row.key, row.language) not in {*gone, *proposal.put}]
            put = _valid(proposal.put, now)
            articles = [*await _indexed(session, stay, examples), *(one for _, one in put)]
        rows = sorted([*stay, *(row for row, _ in put)], key=lambda row: (row.key, row.language))
        name = plan_name(rows, self._embedder.name, served.thresholds, served.synonyms)
        return _Trial(served, replace(served, name=name, rows=rows), articles, examples)


async def _indexed(
    session: ReadSession, rows: Sequence[ServedRow], examples: Sequence[LabelledExample]
) -> list[IndexedArticle]:
    """The words of what stays, if they are going to be built at all."""
    return await repository.load_indexed(session, rows) if examples else []


def _valid(put: Mapping[Name, tuple[int, ArticleContent]], now: datetime) -> list[tuple[ServedRow, IndexedArticle]]:
    return [
        (ServedRow(key, language, version, content.digest, _NOT_STORED), content.indexed(key, language, version))
        for (key, language), (version, content) in put.items()
        if content.valid_until is None or content.valid_until > now  # what begins later is looked at as if it had
    ]


async def publication_of(session: ReadSession, key: str, language: str) -> Proposal:
    """What publishing the newest version of an article would change.

    Raises:
        UnknownArticle
    """
    stored = await get_article(session, key, language)
    return Proposal({(key, language): (stored.article.version, stored.content)})


async def rollback_of(session: ReadSession, key: str, language: str, version: int) -> Proposal:
    """What publishing the words of an older version again would change.

    Raises:
        UnknownArticle, UnknownVersion
    """
    stored = await get_article(session, key, language)
    old = await get_version(session, stored.article, version)
    is_new = content_of(old) != stored.content
    return Proposal({(key, language): (stored.article.version + is_new, content_of(old))})


async def archiving_of(session: ReadSession, key: str, language: str) -> Proposal:
    """What archiving an article would change. Where it stays in another language, that one is to answer.

    Raises:
        UnknownArticle
    """
    await get_article(session, key, language)
    others = await repository.list_languages(session, key)
    return Proposal(
        gone=frozenset({(key, language)}), given_up=frozenset() if others - {language} else frozenset({key})
    )


async def import_of(session: ReadSession, plan: ImportPlan) -> Proposal:
    """What an import would change."""
    put: dict[Name, tuple[int, ArticleContent]] = {}
    gone: set[Name] = set()
    for portion in repository.sliced(plan.to_archive):
        gone |= {name for name, _ in await repository.list_statuses(session, portion)}
    for name, one in plan.chosen.items():
        if one.decision.change is Change.UNCHANGED:
            continue
        if one.decision.status is ArticleStatus.PUBLISHED:
            put[name] = (_next_version(one), one.decision.content)
        elif one.decision.status is ArticleStatus.ARCHIVED:
            gone.add(name)
    return Proposal(put, frozenset(gone), plan.options.without_sample)


def _next_version(one: Chosen) -> int:
    if one.article is None or one.row is None:
        return 1
    return one.article.version + (one.row.digest != one.decision.content.digest)


async def confirm_unmoved(session: ReadSession, opinion: Opinion) -> None:
    """Raises ServedMoved: the opinion is about something that is not served any more."""
    state = await repository.read_state(session)
    if (state.revision if state else 0) != opinion.revision:
        raise ServedMoved("what customers get has changed while this was being checked: publish once more")


async def _ignore(_stage: Stage) -> None:
    """What is served is needed on disk, not in memory."""

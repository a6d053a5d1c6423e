"""Which articles should be served at an instant, under a name that says so."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from core.database import ReadSession
from knowledge_base import repository
from knowledge_base.build_request import Stage, Synonyms
from knowledge_base.content import digest_of
from knowledge_base.repository import ServedRow
from knowledge_base.synonyms import list_synonyms
from knowledge_base.values import Thresholds

#: Grows whenever snapshots of an older Kefu cannot be read or would answer differently.
FORMAT = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be served from `at` to `until`. `name` is a digest of all that goes into the snapshot."""

    name: str
    revision: int
    at: datetime
    until: datetime | None
    rows: Sequence[ServedRow] = ()
    thresholds: Thresholds | None = None
    synonyms: Synonyms = ()

    def stage_name(self, stage: Stage) -> str:
        return self.name if stage is Stage.FULL else f"{self.name[:56]}-quick"


async def read_plan(session: ReadSession, at: datetime, embedder: str) -> Plan:
    """The plan for `at`. The revision is read first, so that what changes meanwhile makes the plan stale."""
    state = await repository.read_state(session)
    revision, thresholds = (state.revision, state.thresholds) if state else (0, None)
    rows = await repository.list_served(session, at)
    until = await repository.next_change(session, at)
    synonyms = await list_synonyms(session)
    return Plan(plan_name(rows, embedder, thresholds, synonyms), revision, at, until, rows, thresholds, synonyms)


def plan_name(rows: Sequence[ServedRow], embedder: str, thresholds: Thresholds | None, synonyms: Synonyms) -> str:
    """A digest of all that goes into a snapshot, whatever the order of `rows`."""
    words = sorted((row.key, row.language, row.version, row.digest) for row in rows)
    return digest_of([FORMAT, embedder, asdict(thresholds) if thresholds else None, synonyms, words])


async def is_stale(session: ReadSession, plan: Plan, now: datetime) -> bool:
    """Whether something else should be served by now, from one cheap look."""
    state = await repository.read_state(session)
    return (state.revision if state else 0) != plan.revision or (plan.until is not None and plan.until <= now)

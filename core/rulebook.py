"""Where rules are kept: versions in the database, read by every process.

A kind ships with a text that holds until an admin publishes a version. Version 0 is the shipped text.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core import signals
from core.database import Base, BigId, ReadSession, WriteSession
from core.errors import Conflict, NotFound
from core.rule_texts import R, RuleKind

SHIPPED = 0


class RuleVersion(Base):
    """One published text. Never changed; the highest `number` of a kind holds."""

    __tablename__ = "rule_version"
    __table_args__ = (UniqueConstraint("kind", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Edition(Generic[R]):
    """A kind's rules at one version. `name_of` is how a decision cites a rule."""

    kind: str
    number: int
    text: str
    rules: R

    def name_of(self, rule_id: str) -> str:
        return f"{self.kind}@{self.number}/{rule_id}"


class Rulebook:
    """Reads and publishes rules. Parsed editions are kept, as they never change."""

    def __init__(self, kinds: Iterable[RuleKind[Any]]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._editions: dict[tuple[str, int], Edition[Any]] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    def kind(self, name: str) -> RuleKind[Any]:
        if name not in self._kinds:
            raise NotFound(f"there are no rules called {name!r}; there are: {', '.join(self._kinds)}")
        return self._kinds[name]

    async def current(self, session: ReadSession, kind: RuleKind[R]) -> Edition[R]:
        """The edition that holds now: one small query, and nothing parsed twice."""
        return await self.edition(session, kind, (await self.newest(session, kind.name))[kind.name])

    async def newest(self, session: ReadSession, *kinds: str) -> dict[str, int]:
        """The number of the version that holds, by kind, in one look."""
        query = select(RuleVersion.kind, func.max(RuleVersion.number)).where(RuleVersion.kind.in_(kinds))
        found = dict((await session.execute(query.group_by(RuleVersion.kind))).all())
        return {kind: found.get(kind, SHIPPED) for kind in kinds}

    async def edition(self, session: ReadSession, kind: RuleKind[R], number: int) -> Edition[R]:
        """Version `number`; 0 is the shipped text. Raises NotFound."""
        known = self._editions.get((kind.name, number))
        if known is None:
            text = kind.shipped if number == SHIPPED else await _text_of(session, kind.name, number)
            known = Edition(kind.name, number, text, kind.parse(text))
            self._editions[(kind.name, number)] = known
        return known

    async def publish(
        self,
        session: WriteSession,
        kind: RuleKind[R],
        text: str,
        *,
        base: int,
        author: str,
        note: str | None,
        now: datetime,
    ) -> Edition[R]:
        """Makes `text` the rules that hold, in every process.

        Raises:
            InvalidInput: wrong rules.
            Conflict: somebody published since version `base`.
        """
        rules = kind.parse(text)
        newest = (await self.newest(session, kind.name))[kind.name]
        if base != newest:
            raise Conflict(
                f"{kind.name} is at version {newest} by now, not {base}; look at what changed and publish again"
            )
        session.add(
            RuleVersion(kind=kind.name, number=newest + 1, text=text, author=author, note=note, published_at=now)
        )
        await session.flush()
        session.signal(signals.RULES, kind.name)
        return Edition(kind.name, newest + 1, text, rules)


async def list_versions(session: ReadSession, kind: str) -> list[RuleVersion]:
    """Published versions, newest first."""
    query = select(RuleVersion).where(RuleVersion.kind == kind).order_by(RuleVersion.number.desc())
    return list(await session.scalars(query))


def diff_texts(old: str, new: str, old_name: str, new_name: str) -> str:
    """A unified diff, empty when the texts are equal."""
    return "".join(
        difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), old_name, new_name)
    )


async def _text_of(session: ReadSession, kind: str, number: int) -> str:
    query = select(RuleVersion.text).where(RuleVersion.kind == kind, RuleVersion.number == number)
    text = await session.scalar(query)
    if text is None:
        raise NotFound(f"{kind} has no version {number}")
    return text

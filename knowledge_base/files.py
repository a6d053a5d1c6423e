"""Importing and exporting articles: good rows go in a few hundred at a time, the others come back with the reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.clock import Clock
from core.database import Database, ReadSession, WriteSession
from core.errors import InvalidInput
from core.import_report import ImportReport, write_rejected
from core.table_files import write_table
from core.table_values import write_instant
from core.tables import TableRow, read_table
from knowledge_base import import_rows, repository
from knowledge_base.article_audit import Edit
from knowledge_base.article_files import Beside, FileKeeper, add_file, keep_file, look_beside, write_beside
from knowledge_base.article_form import FORM, HEADERS, ArticleRow, BadCell, read_row
from knowledge_base.import_plan import Change, Name, Wanted, gather
from knowledge_base.import_rows import Chosen
from knowledge_base.models import Article, ArticleFile, ArticleVersion
from knowledge_base.repository import ArticleFilter, content_of, sliced
from staff import audit

COLUMNS = tuple(HEADERS)
_BATCH = 100
_WAITING = "{} articles wait in review until somebody else publishes them (KEFU_FOUR_EYES)"
_COUNTED = ("created", "updated", "archived")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is taken. `without_sample`: the sample shop is about to be removed, so its articles do not count.

    `reason`: why it is taken although labelled questions are served worse.
    """

    strict: bool = False
    dry_run: bool = False
    archive_missing: bool = False
    without_sample: bool = False
    mapping: dict[str, str] = field(default_factory=dict)
    reason: str | None = None


@dataclass(slots=True)
class ImportPlan:
    """What an import would do, worked out without changing anything."""

    path: Path
    options: ImportOptions
    wanted: Wanted
    report: ImportReport
    to_archive: list[int] = field(default_factory=list)
    chosen: dict[Name, Chosen] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """`--strict`, and a row is bad."""
        return self.options.strict and bool(self.wanted.rejected)

    def preview(self, count: int = 5) -> list[dict[str, str]]:
        """The first articles as they were understood."""
        rows = islice(self.wanted.articles.items(), count)
        return [
            {"key": key, "language": language, "question": row.question, "answer": str(row.fields["answer"])}
            for (key, language), row in rows
        ]


class ArticleFiles:
    """Files of one shop's articles. `zone` is where the days in them begin and end."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        *,
        four_eyes: bool = False,
        keeper: FileKeeper | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone
        self._four_eyes = four_eyes
        self._keeper = keeper

    async def plan(self, path: Path, options: ImportOptions) -> ImportPlan:
        """Reads the file and compares it with what is there.

        Raises:
            UnreadableFile, InvalidInput: nothing of the file can be used.
        """
        table = read_table(path, FORM, options.mapping)
        plan = ImportPlan(path, options, Wanted(), ImportReport(warnings=table.warnings))
        async with self._database.read() as session:
            beside = await look_beside(session, path)
        read = list(self._read(table.rows, plan, beside))
        async with self._database.read() as session:
            keys = await import_rows.keys_by_question(session, read, options.without_sample)
            gather(read, keys, plan.wanted)
            waiting = 0
            for names in sliced(list(plan.wanted.articles)):
                chosen = await self._decide(session, names, plan, options.without_sample)
                _count(plan.report, chosen.values())
                waiting += _waiting(chosen, plan.wanted)
                plan.chosen |= chosen
            if options.archive_missing and not plan.wanted.rejected:
                plan.to_archive = await import_rows.list_missing(session, plan.wanted.articles, options.without_sample)
        plan.report.archived = len(plan.to_archive)
        if options.archive_missing and plan.wanted.rejected:
            plan.report.warnings.append("nothing is archived, because rows were left out: mend them first")
        if waiting:
            plan.report.warnings.append(_WAITING.format(waiting))
        _list_rejected(plan)
        return plan

    async def _decide(
        self, session: ReadSession, names: Sequence[Name], plan: ImportPlan, without_sample: bool
    ) -> dict[Name, Chosen]:
        return await import_rows.decide_batch(
            session, names, plan.wanted, without_sample=without_sample, four_eyes=self._four_eyes
        )

    async def apply(self, plan: ImportPlan, by: str, progress: Progress = lambda done, total: None) -> ImportReport:
        """Does what `plan` says unless it is refused or a dry run. What moved meanwhile is decided again."""
        if not plan.options.dry_run:
            if not plan.is_refused:
                note = "; ".join(filter(None, (f"import {plan.path.name}", plan.options.reason)))
                await self._write(plan, Edit(by, self._clock.now(), note), progress)
            _list_rejected(plan)
            written = write_rejected(plan.path, plan.wanted.rejected) if plan.wanted.rejected else None
            plan.report.rejected_file = str(written) if written else None
        return plan.report

    async def _write(self, plan: ImportPlan, edit: Edit, progress: Progress) -> None:
        report, names = plan.report, list(plan.wanted.articles)
        report.created = report.updated = report.unchanged = report.archived = 0
        await self._keep_files(plan, edit)
        try:
            for start in range(0, len(names), _BATCH):
                batch = names[start : start + _BATCH]
                async with self._database.write() as session:
                    chosen = await self._decide(session, batch, plan, False)
                    await import_rows.store_batch(session, chosen, edit)
                await self._database.make_way()
                _count(report, chosen.values())
                progress(start + len(batch), len(names))
            async with self._database.write() as session:
                report.archived = await import_rows.archive(session, plan.to_archive, edit)
        finally:
            async with self._database.write() as session:
                await _close(session, plan, edit)
        report.applied = True

    def _read(self, rows: Sequence[TableRow], plan: ImportPlan, beside: Beside) -> Iterator[list[ArticleRow]]:
        for row in rows:
            try:
                yield [self._with_file(part, plan, beside) for part in read_row(row, self._zone)]
            except BadCell as bad:
                plan.wanted.reject(row, bad.column, bad.reason)

    def _with_file(self, part: ArticleRow, plan: ImportPlan, beside: Beside) -> ArticleRow:
        """The row with its file's id in place of its path; the file itself is taken when the plan is applied."""
        if not part.fields.get("file"):
            return part
        try:
            file_id, path = beside.resolve(part.fields["file"])
            if path is not None and file_id not in beside.known and file_id not in plan.files:
                if self._keeper is None:
                    raise ValueError("files are taken by kefu kb import")
                self._keeper.clean(path.read_bytes(), path.name)
                plan.files[file_id] = path
        except (ValueError, InvalidInput) as error:
            raise BadCell("file", str(error)) from None
        return replace(part, fields={**part.fields, "file": file_id})

    async def _keep_files(self, plan: ImportPlan, edit: Edit) -> None:
        for file_id, path in plan.files.items():
            if self._keeper is not None:
                row = await keep_file(self._keeper, file_id, path, edit)
                async with self._database.write() as session:
                    await add_file(session, row)

    async def export(self, path: Path) -> int:
        """Writes every article with its newest words; returns how many."""
        async with self._database.read() as session:
            found = await repository.list_articles(session, ArticleFilter())
            carried = {row.id: row for row in await session.scalars(select(ArticleFile))}
        found.sort(key=lambda pair: (pair[0].key, pair[0].language != "zh"))
        keeper = self._keeper
        cells = {name: write_beside(keeper, path, row) if keeper else name for name, row in carried.items()}
        rows = (self._exported(article, row) | {"file": cells.get(row.file or "")} for article, row in found)
        write_table(path, COLUMNS, rows)
        return len(found)

    def _exported(self, article: Article, row: ArticleVersion) -> dict[str, Any]:
        content = content_of(row)
        return {
            **content.model_dump(exclude={"valid_from", "valid_until"}),
            "key": article.key,
            "language": article.language,
            "status": article.status.value,
            "valid_from": write_instant(content.valid_from, self._zone),
            "valid_until": write_instant(content.valid_until, self._zone, end_of_day=True),
        }


def _count(report: ImportReport, chosen: Iterable[Chosen]) -> None:
    for one in chosen:
        match one.decision.change:
            case Change.CREATED:
                report.created += 1
            case Change.UPDATED:
                report.updated += 1
            case Change.UNCHANGED:
                report.unchanged += 1


def _waiting(chosen: Mapping[Name, Chosen], wanted: Wanted) -> int:
    """How many the file would publish and may not."""
    return sum(wanted.articles[name].status is not one.decision.status for name, one in chosen.items())


def _list_rejected(plan: ImportPlan) -> None:
    plan.wanted.rejected.sort(key=lambda pair: (pair[1].sheet or "", pair[1].row))
    plan.report.rejections = [rejection for _, rejection in plan.wanted.rejected]
    plan.report.rejected = len(plan.report.rejections)


async def _close(session: WriteSession, plan: ImportPlan, edit: Edit) -> None:
    """One entry in the audit book, and every process looks at what is there now."""
    if not plan.report.changes:
        return
    counts = {name: (None, getattr(plan.report, name)) for name in _COUNTED}
    name = f"file:{plan.path.name}"[:160]
    audit.record(session, actor=edit.by, action="articles.import", object=name, now=edit.now, changes=counts)
    await repository.touch(session, edit.now)

"""What a person has to do for a customer, by when. Nothing here commits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select, update

from core import signals
from core.database import ReadSession, WriteSession, upsert_ignore
from core.errors import Conflict, NotFound
from customers import service
from customers.task_models import Task
from customers.values import TaskKind, TaskState
from staff import audit

#: China's PIPL asks for "timely", its draft rules for 15 working days; Europe's law for a month.
PRIVACY_LASTS = timedelta(days=15)
_ENDED = (TaskState.DONE, TaskState.DROPPED)
_IS_OPEN = Task.state.not_in(_ENDED)
#: In a request's `data`: the conversation in which its customer confirmed it.
_CONFIRMED_IN = "confirmed_in"


class TaskNotFound(NotFound):
    code = "task_not_found"


class TaskEnded(Conflict):
    """It was done, dropped or taken by somebody else already."""

    code = "task_ended"


class PrivacyWish(StrEnum):
    """What a customer may ask for about their data."""

    COPY = "copy"
    CORRECTION = "correction"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """`dedupe_key`: a reason that counts once; `data` is for those who made the task."""

    kind: TaskKind
    subject: str
    customer_id: int | None = None
    text: str | None = None
    due_at: datetime | None = None
    dedupe_key: str | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    kind: TaskKind | None = None
    state: TaskState | None = None
    assignee_id: int | None = None
    due_before: datetime | None = None

    def narrow(self, query: Select[Task]) -> Select[Task]:
        if self.kind is not None:
            query = query.where(Task.kind == self.kind)
        if self.state is not None:
            query = query.where(Task.state == self.state)
        if self.assignee_id is not None:
            query = query.where(Task.assignee_id == self.assignee_id)
        return query if self.due_before is None else query.where(Task.due_at < self.due_before)


async def add_task(session: WriteSession, draft: TaskDraft, now: datetime) -> Task | None:
    """The new task; None when its reason counted already."""
    insert = upsert_ignore(Task, session.get_bind().dialect.name).values(
        kind=draft.kind,
        subject=draft.subject[:80],
        text=draft.text,
        customer_id=draft.customer_id,
        dedupe_key=draft.dedupe_key,
        data=dict(draft.data or {}),
        due_at=draft.due_at,
        created_at=now,
    )
    task_id = (await session.execute(insert.returning(Task.id))).scalar_one_or_none()
    session.signal(signals.TASKS)
    return None if task_id is None else await session.get(Task, task_id)


async def ask_privacy(
    session: WriteSession, customer_id: int, wish: PrivacyWish, now: datetime, conversation_id: int | None = None
) -> Task:
    """A customer's request about their data, due in 15 days. Asked again while it is open, it is the same request.

    `conversation_id`: where they confirmed it themselves; then it is carried out without staff, who see what became of
    it.
    """
    customer = await service.get_customer(session, customer_id)
    query = select(Task).where(
        Task.customer_id == customer.id,
        Task.kind == TaskKind.PRIVACY,
        Task.subject == wish.value,
        _IS_OPEN,
    )
    data = {} if conversation_id is None else {_CONFIRMED_IN: conversation_id, "confirmed_at": now.isoformat()}
    there = await session.scalar(query.limit(1))
    if there is not None:
        there.data = {**there.data, **data}
        return there
    draft = TaskDraft(TaskKind.PRIVACY, wish.value, customer.id, due_at=now + PRIVACY_LASTS, data=data)
    task = await add_task(session, draft, now)
    assert task is not None
    return task


@dataclass(frozen=True, slots=True)
class ConfirmedWish:
    """A request that its customer confirmed in a conversation, to be carried out by itself."""

    task_id: int
    wish: PrivacyWish
    customer_id: int
    conversation_id: int


async def list_confirmed(session: ReadSession, before: datetime) -> list[ConfirmedWish]:
    """Those that were confirmed before then and that no staff have taken, the oldest first."""
    query = select(Task).where(Task.kind == TaskKind.PRIVACY, Task.state == TaskState.OPEN).order_by(Task.id)
    return [
        ConfirmedWish(task.id, PrivacyWish(task.subject), task.customer_id, int(task.data[_CONFIRMED_IN]))
        for task in await session.scalars(query)
        if task.customer_id and _CONFIRMED_IN in task.data and _confirmed_at(task) <= before
    ]


def _confirmed_at(task: Task) -> datetime:
    return datetime.fromisoformat(task.data["confirmed_at"])


async def end_by_erasure(session: WriteSession, ids: Collection[int], by: str, now: datetime) -> None:
    """Requests to be erased are fulfilled once these files are; what else was open for them is dropped already."""
    asked = update(Task).where(
        Task.customer_id.in_(ids), Task.kind == TaskKind.PRIVACY, Task.subject == PrivacyWish.ERASURE.value
    )
    undone = asked.where(Task.state != TaskState.DONE, Task.done_at.is_(None))
    await session.execute(undone.values(state=TaskState.DONE, done_at=now, done_by=by[:80]))
    session.signal(signals.TASKS)


async def drop_open(session: WriteSession, kind: TaskKind, now: datetime) -> None:
    """What is open of this kind has lost its point."""
    left = update(Task).where(Task.kind == kind, _IS_OPEN)
    await session.execute(left.values(state=TaskState.DROPPED, done_at=now, done_by="clock"))


async def list_tasks(
    session: ReadSession, wanted: TaskFilter, before_id: int | None = None, limit: int = 50
) -> list[Task]:
    """Newest first by id; `before_id` is the last id of the page before."""
    query = wanted.narrow(select(Task)).order_by(Task.id.desc()).limit(limit)
    return list(await session.scalars(query if before_id is None else query.where(Task.id < before_id)))


async def list_open(session: ReadSession, limit: int) -> list[Task]:
    """What is to be done, the first due first, what is due at no time last."""
    query = select(Task).where(_IS_OPEN).order_by(Task.due_at.is_(None), Task.due_at, Task.id)
    return list(await session.scalars(query.limit(limit)))


async def count_open(session: ReadSession) -> int:
    return await session.scalar(select(func.count()).select_from(Task).where(_IS_OPEN)) or 0


def goes_by_itself(task: Task) -> bool:
    """Its customer confirmed it, and no staff have taken it."""
    return task.kind is TaskKind.PRIVACY and task.state is TaskState.OPEN and _CONFIRMED_IN in task.data


async def get_task(session: ReadSession, task_id: int) -> Task:
    """Raises TaskNotFound."""
    task = await session.get(Task, task_id)
    if task is None:
        raise TaskNotFound(f"there is no task {task_id}")
    return task


async def take(session: WriteSession, task_id: int, agent_id: int, by: str, now: datetime) -> Task:
    """Raises TaskNotFound, TaskEnded: it is over, or somebody else has it."""
    task = await _open_task(session, task_id)
    if task.assignee_id not in (None, agent_id):
        raise TaskEnded(f"task {task_id} was taken by somebody else")
    task.state, task.assignee_id = TaskState.TAKEN, agent_id
    _record(session, task, "tasks.take", by, now)
    return task


async def finish(session: WriteSession, task_id: int, state: TaskState, by: str, now: datetime) -> Task:
    """Done, or dropped. Raises TaskNotFound, TaskEnded."""
    task = await _open_task(session, task_id)
    task.state, task.done_at, task.done_by = state, now, by[:80]
    _record(session, task, f"tasks.{state.value}", by, now)
    return task


async def _open_task(session: WriteSession, task_id: int) -> Task:
    task = await get_task(session, task_id)
    await session.flush()
    await session.refresh(task, with_for_update=True)
    if task.state in _ENDED:
        raise TaskEnded(f"task {task_id} is {task.state.value} already")
    return task


def _record(session: WriteSession, task: Task, action: str, by: str, now: datetime) -> None:
    audit.record(session, actor=by, action=action, object=f"task:{task.id}", now=now)
    session.signal(signals.TASKS)

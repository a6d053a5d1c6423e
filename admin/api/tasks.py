"""Tasks: what a person has to do for a customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from admin.api.context import Caller, Context, Reading, allowed
from admin.api.cursors import Page, decode_cursor, one_page
from admin.api.fields import Cursor, Limit, PathId, ShortLine
from admin.api.orders import Instant
from admin.api.shapes.people import CustomerShape, customer_shape
from admin.api.writing import ApiRoute, Writing
from core.database import ReadSession
from customers import tasks
from customers.models import Customer
from customers.task_models import Task
from customers.tasks import TaskFilter
from customers.values import TaskKind, TaskState
from staff import service as staff_service
from staff.models import Agent
from staff.permissions import Action

router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=ApiRoute, dependencies=[allowed(Action.HANDLE_TASKS)])

_LIST = "tasks"


class TaskShape(BaseModel):
    """`subject` says what it is (`copy`, `erasure` ...); `assignee` is the name of who took it."""

    id: int
    kind: TaskKind
    state: TaskState
    subject: str = Field(examples=["erasure"])
    text: str | None
    customer: CustomerShape | None
    assignee: str | None
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None


@router.get("", summary="List tasks")
async def list_tasks(
    session: Reading,
    kind: TaskKind | None = None,
    state: TaskState | None = None,
    assignee: Annotated[ShortLine | None, Query(description="A colleague's name.")] = None,
    due_before: Instant | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TaskShape]:
    """Newest first."""
    agent = await staff_service.find_agent(session, assignee) if assignee else None
    assignee_id = (agent.id if agent else 0) if assignee else None
    wanted = TaskFilter(kind=kind, state=state, assignee_id=assignee_id, due_before=due_before)
    rows = await tasks.list_tasks(session, wanted, decode_cursor(_LIST, cursor), limit + 1)
    shown, next_cursor = one_page(rows, limit, _LIST, lambda task: task.id)
    return Page(items=await task_shapes(session, shown), next_cursor=next_cursor)


@router.post("/{id}/take", summary="Take a task")
async def take(session: Writing, actor: Caller, context: Context, task_id: PathId) -> TaskShape:
    """Somebody else's: 409."""
    return await _shape(session, await tasks.take(session, task_id, actor.id, actor.name, context.clock.now()))


@router.post("/{id}/done", summary="A task is done")
async def done(session: Writing, actor: Caller, context: Context, task_id: PathId) -> TaskShape:
    task = await tasks.finish(session, task_id, TaskState.DONE, actor.name, context.clock.now())
    return await _shape(session, task)


@router.post("/{id}/drop", summary="Give a task up")
async def drop(session: Writing, actor: Caller, context: Context, task_id: PathId) -> TaskShape:
    task = await tasks.finish(session, task_id, TaskState.DROPPED, actor.name, context.clock.now())
    return await _shape(session, task)


async def _shape(session: ReadSession, task: Task) -> TaskShape:
    (shape,) = await task_shapes(session, [task])
    return shape


async def task_shapes(session: ReadSession, rows: Sequence[Task]) -> list[TaskShape]:
    ids = {task.customer_id for task in rows if task.customer_id}
    customers = {c.id: c for c in await session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    agents = await session.execute(select(Agent.id, Agent.name).where(Agent.id.in_({t.assignee_id for t in rows})))
    names = {row.id: row.name for row in agents}
    return [_one(task, customers.get(task.customer_id or 0), names.get(task.assignee_id or 0)) for task in rows]


def _one(task: Task, customer: Customer | None, assignee: str | None) -> TaskShape:
    return TaskShape(
        id=task.id,
        kind=task.kind,
        state=task.state,
        subject=task.subject,
        text=task.text,
        customer=customer_shape(customer, None) if customer else None,
        assignee=assignee,
        due_at=task.due_at,
        created_at=task.created_at,
        done_at=task.done_at,
        done_by=task.done_by,
    )

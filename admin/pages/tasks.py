"""What a person has to do: calls that programmes ask for or customers wish for, causes that come back, requests about
somebody's own data, last week's report where no group gets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import ApiContext, Context, Reading
from admin.api.fields import PathId
from admin.api.tasks import TaskShape, task_shapes
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import HandlesTasks
from admin.pages.wording import words
from core.database import ReadSession
from customers import tasks
from customers.task_models import Task
from customers.values import TaskKind, TaskState
from scheduler.programme_rules import PROGRAMMES
from tickets.rules import TICKETS

router = APIRouter(prefix="/tasks", route_class=PageRoute)

_MOST = 200


class Deed(StrEnum):
    TAKE = "take"
    DONE = "done"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Shown:
    """A task as it is read: `title` says what it is; `case`: of which case's number it is about."""

    task: TaskShape
    title: str
    case: int | None
    goes_by_itself: bool


@router.get("")
async def list_open(request: Request, viewer: HandlesTasks, session: Reading, context: Context) -> HTMLResponse:
    rows = await tasks.list_open(session, _MOST)
    names = await _names(session, context, viewer.language)
    shapes = await task_shapes(session, rows)
    listed = [_shown(row, shape, names, viewer.language) for row, shape in zip(rows, shapes, strict=True)]
    return page(request, "tasks.html", viewer, listed=listed, now=context.clock.now())


@router.post("/{id}/{deed}")
async def do(viewer: HandlesTasks, context: Context, task_id: PathId, deed: Annotated[Deed, Path()]) -> Response:
    now, by = context.clock.now(), viewer.actor.name
    async with context.database.write() as session:
        if deed is Deed.TAKE:
            await tasks.take(session, task_id, viewer.actor.id, by, now)
        else:
            state = TaskState.DONE if deed is Deed.DONE else TaskState.DROPPED
            await tasks.finish(session, task_id, state, by, now)
    return back_to("/admin/tasks")


async def _names(session: ReadSession, context: ApiContext, language: str) -> Mapping[str, str]:
    """What programmes and causes are called in the rules that hold now."""
    programmes = await context.rulebook.current(session, PROGRAMMES)
    rules = await context.rulebook.current(session, TICKETS)
    called = {one.id: one.name.pick(language) for one in programmes.rules.programme}
    return called | {f"prevent:{cause.id}": cause.name.pick(language) for cause in rules.rules.root_cause}


def _shown(row: Task, shape: TaskShape, names: Mapping[str, str], language: str) -> Shown:
    say = words(language)
    title = say.get(f"task_{row.subject}") or names.get(row.subject, row.subject)
    if row.kind is TaskKind.PREVENT:
        title = say["task_prevent"].format(cause=title, times=row.data.get("times", ""), days=row.data.get("days", ""))
    case = row.data.get("ticket")
    return Shown(shape, title, case if isinstance(case, int) else None, tasks.goes_by_itself(row))

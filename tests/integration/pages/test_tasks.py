"""What a person has to do beside the cases: seen from the queue, named in words, taken, ticked off by anybody."""

from datetime import timedelta

import pytest

from admin.pages.wording import words
from customers import tasks
from customers.tasks import PrivacyWish, TaskDraft
from customers.values import TaskKind
from staff.values import Role
from tests.integration.pages.browsing import Browser, complaint, deeds, signed_in
from tests.support.app import RunningApp

SAY = words("en")


async def add(app: RunningApp, kind: TaskKind, subject: str, due_in: int, **more: object) -> int:
    """A task that is due in so many days; its number."""
    now = app.clock.now()
    async with app.database.write() as session:
        draft = TaskDraft(kind, subject, due_at=now + timedelta(days=due_in), data=more, text=f"<{subject}>")
        task = await tasks.add_task(session, draft, now)
    assert task is not None
    return task.id


async def test_what_is_to_be_done_stands_there_in_words_the_first_due_first(app: RunningApp) -> None:
    number = await complaint(app)
    ann = await signed_in(app, "ann", Role.AGENT)
    assert "/admin/tasks</a>" not in await ann.reads("/admin")
    await add(app, TaskKind.REPORT, "week", 2)
    await add(app, TaskKind.CALL, "call_back", 1, ticket=number)
    await add(app, TaskKind.CALL, "birthday", 3)
    await add(app, TaskKind.PREVENT, "prevent:packing", -1, times=5, days=30)
    async with app.database.write() as session:
        await tasks.ask_privacy(session, 1, PrivacyWish.ERASURE, app.clock.now(), conversation_id=1)
    assert f'<b>5</b> <a href="/admin/tasks">{SAY["figure_tasks"]}</a>' in await ann.reads("/admin")
    shown = await ann.reads("/admin/tasks")
    titles = ["poor packing: 5 times in 30 days", *(SAY[f"task_{subject}"] for subject in ("call_back", "week"))]
    titles += ["Birthday", SAY["task_erasure"]]
    assert [part.partition("</h2>")[0].partition(">")[2] for part in shown.split("<h2 id=")[1:]] == titles
    assert f'<a href="/admin/cases/{number}">#{number}</a>' in shown
    assert '<a href="/admin/customers/1">May &lt;script&gt;</a>' in shown
    assert "&lt;call_back&gt;" in shown
    assert shown.count('class="due late"') == 1
    assert shown.count(SAY["task_by_itself"]) == 1


@pytest.mark.parametrize("deed", ["done", "drop"])
async def test_it_is_taken_and_ticked_off_once(app: RunningApp, deed: str) -> None:
    ann, ben = await signed_in(app, "ann", Role.AGENT), await signed_in(app, "ben", Role.AGENT)
    task = await add(app, TaskKind.CALL, "call_back", 1)
    await ann.does(f"/admin/tasks/{task}/take")
    assert "· ann" in await ben.reads("/admin/tasks")
    assert await refused(ben, f"/admin/tasks/{task}/take")
    await ben.does(f"/admin/tasks/{task}/{deed}")  # whoever did it
    assert SAY["nothing_waits"] in await ann.reads("/admin/tasks")
    assert await refused(ann, f"/admin/tasks/{task}/done")
    did = {"done": "tasks.done", "drop": "tasks.dropped"}[deed]
    assert await deeds(app, f"task:{task}") == [("ben", did), ("ann", "tasks.take")]


async def refused(browser: Browser, address: str) -> bool:
    answer = await browser.sends(address)
    return answer.status_code == 409 and 'data-code="task_ended"' in answer.text

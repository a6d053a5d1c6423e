"""Privacy requests have a date; a task is taken by one person and ends once."""

from datetime import timedelta

import pytest

from core.database import Database
from customers import tasks
from customers.tasks import PrivacyWish, TaskDraft, TaskEnded, TaskFilter
from customers.values import TaskKind, TaskState
from staff import service as staff
from staff.values import Role
from tests.integration.customers.people import known
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db


async def test_a_privacy_request_is_due_in_fifteen_days_and_counts_once(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        customer = await known(session, clock.now(), name="Li")
        first = await tasks.ask_privacy(session, customer.id, PrivacyWish.ERASURE, clock.now())
        again = await tasks.ask_privacy(session, customer.id, PrivacyWish.ERASURE, clock.now())
        other = await tasks.ask_privacy(session, customer.id, PrivacyWish.COPY, clock.now())
    assert first.id == again.id != other.id
    assert first.due_at == clock.now() + timedelta(days=15)


async def test_a_task_is_taken_by_one_and_ends_once(database: Database, clock: FakeClock) -> None:
    async with database.write() as session:
        ann, _ = await staff.add_agent(session, "ann", Role.AGENT, by="t", now=clock.now())
        ben, _ = await staff.add_agent(session, "ben", Role.AGENT, by="t", now=clock.now())
        task = await tasks.add_task(session, TaskDraft(TaskKind.CALL, "call", dedupe_key="call:1"), clock.now())
        assert task is not None
        assert await tasks.add_task(session, TaskDraft(TaskKind.CALL, "call", dedupe_key="call:1"), clock.now()) is None
        await tasks.take(session, task.id, ann.id, "ann", clock.now())
        with pytest.raises(TaskEnded):
            await tasks.take(session, task.id, ben.id, "ben", clock.now())
        await tasks.finish(session, task.id, TaskState.DONE, "ann", clock.now())
        with pytest.raises(TaskEnded):
            await tasks.finish(session, task.id, TaskState.DROPPED, "ann", clock.now())
        assert await tasks.list_tasks(session, TaskFilter(state=TaskState.OPEN)) == []

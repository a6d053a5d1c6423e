"""Monday morning's digest: the week before and what waits, to every group of the desk; without one, as a task.

Safe to run at any time, twice, and in several processes at once.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, select

from conversations import outbox
from conversations.channels import PUSH_CHANNELS
from conversations.deliveries import DeliveryDraft
from conversations.models import Delivery
from conversations.payloads import write_payloads
from conversations.values import DeliveryKind
from core.database import Database, ReadSession, WriteSession
from customers import tasks
from customers.task_models import Task
from customers.tasks import TaskDraft
from customers.values import TaskKind
from scheduler.occasions import local_instant
from scheduler.planner import Office
from scheduler.week import monday_of, read_week
from scheduler.week_words import week_lines
from staff import desks
from staff.models import Desk

_AT = time(9)
#: Later than this the week is no news any more.
_LATEST = timedelta(days=2)
_SUBJECT = "week"


async def post_digest(database: Database, office: Office, now: datetime) -> int:
    """How many places it was put; once for each week and place."""
    monday = monday_of(now.astimezone(office.zone).date())
    due_at = local_instant(monday, _AT, office.zone)
    if not due_at <= now < due_at + _LATEST:
        return 0
    async with database.read() as session:
        places = await _open_places(session, monday)
        if not places:
            return 0
        week = await read_week(session, office, None, now)
    text = "\n".join(week_lines(week, office.staff_language, office.zone))
    async with database.write() as session:
        for place in places:
            if place is None:
                await _as_task(session, monday, text, due_at, now)
            else:
                await _into_group(session, place, monday, text, now)
    return len(places)


async def _open_places(session: ReadSession, monday: date) -> list[Desk | None]:
    """The groups that have not got it; without any group None, for a task."""
    groups = [desk for desk in await desks.list_claimed(session) if _channel(desk) in PUSH_CHANNELS]
    if not groups:
        return [] if await _has_task(session, monday) else [None]
    keys = {desk.id: _key(monday, desk, 1) for desk in groups}
    known = set(await session.scalars(select(Delivery.dedupe_key).where(Delivery.dedupe_key.in_(keys.values()))))
    return [desk for desk in groups if keys[desk.id] not in known]


def _channel(desk: Desk) -> str:
    return (desk.account or "").partition(":")[0] if desk.chat else ""


def _key(monday: date, desk: Desk, part: int) -> str:
    return f"digest:{monday}:{desk.id}:{part}"


def _task_key(monday: date) -> str:
    return f"digest:{monday}"


async def _has_task(session: ReadSession, monday: date) -> bool:
    return bool(await session.scalar(select(exists().where(Task.dedupe_key == _task_key(monday)))))


async def _into_group(session: WriteSession, desk: Desk, monday: date, text: str, now: datetime) -> None:
    chat = desk.chat or ""
    calls = write_payloads(chat, text, PUSH_CHANNELS[_channel(desk)])
    drafts = [
        DeliveryDraft(
            account=desk.account or "",
            lane=chat,
            kind=DeliveryKind.DESK_POST,
            payload=call.model_dump(mode="json"),
            dedupe_key=_key(monday, desk, part),
            part=part,
            parts=len(calls),
            due_at=now,
            expires_at=now + _LATEST,
        )
        for part, call in enumerate(calls, start=1)
    ]
    await outbox.enqueue(session, *drafts)


async def _as_task(session: WriteSession, monday: date, text: str, due_at: datetime, now: datetime) -> None:
    draft = TaskDraft(TaskKind.REPORT, _SUBJECT, text=text, due_at=due_at + _LATEST, dedupe_key=_task_key(monday))
    await tasks.drop_open(session, TaskKind.REPORT, now)  # an older week is no news
    await tasks.add_task(session, draft, now)

"""What went astray, over HTTP: looked at, tried again, given up."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update

from conversations.models import Delivery
from conversations.values import DeliveryState
from core.database import Database
from tests.integration.api.conftest import Callers
from tests.integration.loops.books import until
from tests.integration.pages.strays import parked

pytestmark = pytest.mark.db

INBOX, DELIVERIES = "/api/v1/inbox", "/api/v1/deliveries"


async def listed(client: httpx.AsyncClient, path: str, **wanted: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_parked_event_is_answered_after_all_and_another_is_given_up(callers: Callers) -> None:
    supervisor = callers.supervisor
    first, second = await parked(callers.app, "hello"), await parked(callers.app, "hello again")
    events = await listed(supervisor, INBOX, state="parked")
    assert [event["id"] for event in events] == [first, second]
    assert (events[0]["state"], events[0]["attempt"], events[0]["account"]) == ("parked", 3, "test:bot")
    assert "may@example.com" not in events[0]["error"]
    gone = (await supervisor.post(f"{INBOX}/{second}/dismiss")).json()
    assert gone["state"] == "dismissed"
    assert (await supervisor.post(f"{INBOX}/{first}/retry")).json()["state"] == "pending"
    await until(lambda: answers(callers, 1), 20)
    assert await listed(supervisor, INBOX) == []


async def answers(callers: Callers, at_least: int, **wanted: Any) -> bool:
    return len(await listed(callers.ann, DELIVERIES, kind="reply", **wanted)) >= at_least


async def test_what_may_not_have_arrived_is_found_sent_again_or_given_up(callers: Callers) -> None:
    for person in ("may", "lin"):
        await callers.app.push_message("hello", person)
    await until(lambda: answers(callers, 2, state="pending"), 20)
    await lose_all(callers.app.database)
    first, second, *_ = await listed(callers.ann, DELIVERIES, state="unknown", kind="reply")
    assert await listed(callers.ann, DELIVERIES, state="unknown", kind="agent_reply") == []
    assert await listed(callers.ann, DELIVERIES, state="sent") == []
    assert (first["account"], first["part"], first["parts"]) == ("test:bot", 1, 1)
    assert first["customer"]["verified"] is False
    again = (await callers.supervisor.post(f"{DELIVERIES}/{first['id']}/resend")).json()
    given_up = (await callers.supervisor.post(f"{DELIVERIES}/{second['id']}/dismiss")).json()
    assert (again["state"], given_up["state"]) == ("pending", "skipped")
    late = await callers.supervisor.post(f"{DELIVERIES}/{second['id']}/resend")
    assert late.status_code == 409


async def lose_all(database: Database) -> None:
    async with database.write() as session:
        await session.execute(update(Delivery).values(state=DeliveryState.UNKNOWN, because="sender_stopped"))

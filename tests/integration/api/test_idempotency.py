"""`Idempotency-Key`: the same write again does nothing twice and hears the same answer."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from admin.api import writing
from admin.models import IdempotentAnswer
from staff.models import AuditEntry
from staff.values import Role
from tests.integration.api.conftest import Callers
from tests.support.app import make_settings, running_app
from tests.support.clock import FakeClock

pytestmark = pytest.mark.db

SHOP = "/api/v1/shop"
KEY = {"Idempotency-Key": "k-1"}


async def audited(callers: Callers) -> int:
    async with callers.app.database.read() as session:
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "shop.set")
        return await session.scalar(query) or 0


async def test_the_same_write_again_hears_the_same_and_does_nothing(callers: Callers) -> None:
    first = await callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)
    await callers.admin.patch(SHOP, json={"color": "#222222"})
    again = await callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)
    assert again.status_code == first.status_code == 200
    assert again.content == first.content
    assert (await callers.admin.get(SHOP)).json()["color"] == "#222222"
    assert await audited(callers) == 2


async def test_another_body_under_a_used_key_is_refused(callers: Callers) -> None:
    await callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)
    response = await callers.admin.patch(SHOP, json={"color": "#222222"}, headers=KEY)
    assert response.status_code == 422
    assert response.json()["error"] == "idempotency_key_reused"


async def test_a_key_belongs_to_whoever_used_it(callers: Callers) -> None:
    conversation = (await post_one(callers)).json()["conversation"]
    await callers.ann.post(f"/api/v1/conversations/{conversation}/take", headers=KEY)
    response = await callers.ben.post(f"/api/v1/conversations/{conversation}/take", headers=KEY)
    assert response.status_code == 409
    assert response.json()["error"] == "already_taken"


async def post_one(callers: Callers, **headers: str) -> httpx.Response:
    posted = {"customer": "C-1", "message_id": "m-1", "text": "人工"}
    return await callers.channel.post("/api/v1/messages", json=posted, headers=headers)


async def test_a_failed_write_leaves_its_key_free(callers: Callers) -> None:
    refused = await callers.admin.patch(SHOP, json={"texts": {"no.such": {"zh": "x"}}}, headers=KEY)
    assert refused.status_code == 422
    assert (await callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)).status_code == 200


async def test_twenty_at_once_have_one_effect_and_the_others_are_told_to_wait(callers: Callers) -> None:
    conversation = (await post_one(callers)).json()["conversation"]
    await callers.ann.post(f"/api/v1/conversations/{conversation}/take")
    reply = f"/api/v1/conversations/{conversation}/reply"
    responses = await asyncio.gather(*(callers.ann.post(reply, json={"text": "您好"}, headers=KEY) for _ in range(20)))
    assert {response.status_code for response in responses} <= {200, 409}
    assert {response.json()["error"] for response in responses if response.status_code == 409} <= {"still_running"}
    assert len({response.content for response in responses if response.status_code == 200}) == 1
    timeline = await callers.ann.get(f"/api/v1/conversations/{conversation}/messages")
    assert [message["text"] for message in timeline.json()["items"]].count("您好") == 1


async def test_a_write_that_still_runs_is_not_begun_again(callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()
    forget = writing._forget_old

    async def wait_here(*arguments: object) -> None:
        entered.set()
        await go_on.wait()
        await forget(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "_forget_old", wait_here)
    first = asyncio.create_task(callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY))
    await entered.wait()
    early = await callers.admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)
    assert (early.status_code, early.json()["error"]) == (409, "still_running")
    go_on.set()
    assert (await first).status_code == 200


async def test_posting_a_message_accepts_a_key_too(callers: Callers) -> None:
    first = await post_one(callers, **KEY)
    assert (await post_one(callers, **KEY)).json() == first.json()
    other = {"customer": "C-2", "message_id": "m-2", "text": "hi"}
    assert (await callers.channel.post("/api/v1/messages", json=other, headers=KEY)).status_code == 422


@pytest.mark.parametrize("key", ["", " ", "x" * 201])
async def test_an_unusable_key_is_named(callers: Callers, key: str) -> None:
    response = await callers.admin.patch(SHOP, json={}, headers={"Idempotency-Key": key})
    assert response.status_code == 422
    assert response.json()["data"]["fields"][0]["path"] == "idempotency-key"


async def test_a_key_is_forgotten_after_a_day(database_url: str, tmp_path: Path, clock: FakeClock) -> None:
    async with running_app(make_settings(database_url, tmp_path), clock, with_loops=False) as app:
        async with app.client(await app.add_staff("root", Role.ADMIN)) as admin:
            await admin.patch(SHOP, json={"color": "#111111"}, headers=KEY)
            clock.advance(hours=23)
            assert (await admin.patch(SHOP, json={"color": "#222222"}, headers=KEY)).status_code == 422
            clock.advance(hours=2)
            assert (await admin.patch(SHOP, json={"color": "#222222"}, headers=KEY)).status_code == 200
        async with app.database.read() as session:
            oldest = await session.scalar(select(func.min(IdempotentAnswer.created_at)))
    assert oldest is not None
    assert clock.now() - oldest < timedelta(hours=1)

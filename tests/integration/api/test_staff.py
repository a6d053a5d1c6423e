"""The desk over HTTP: who works here, who is there, groups, ready-made replies, blocks, and what waits."""

from typing import Any

from sqlalchemy import select

from conversations.repository import ensure_account
from staff import desks, linking
from staff.models import AuditEntry
from tests.integration.api.conftest import Callers

API = "/api/v1"
CHAT = {"account": "telegram:tea_bot", "chat": "-1001", "title": "客服", "by": "ann"}


async def added(callers: Callers, **more: Any) -> Any:
    body = {"name": "li", "role": "agent", "alias": "小李", "language": "zh", "capacity": 5, **more}
    answer = await callers.admin.post(f"{API}/staff", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def a_case(callers: Callers) -> int:
    posted = await callers.channel.post(
        f"{API}/messages", json={"customer": "C-1", "message_id": "m-1", "text": "人工", "language": "zh"}
    )
    conversation = (await callers.ann.get(f"{API}/conversations/{posted.json()['conversation']}")).json()
    assert conversation["state"] == "waiting"
    return int(conversation["ticket"])


async def test_somebody_comes_works_and_leaves(callers: Callers) -> None:
    await callers.admin.put(f"{API}/teams/service", json={"members": []})
    li = await added(callers, teams=["service"])
    assert (li["teams"], li["capacity"], li["state"], li["telegram"]) == (["service"], 5, "online", False)
    async with callers.app.client(li["key"]) as client:
        assert (await client.get(f"{API}/staff/me")).json()["alias"] == "小李"
        number = await a_case(callers)
        assert (await client.post(f"{API}/tickets/{number}/take")).json()["assignee"] == "li"
        changed = await callers.admin.patch(f"{API}/staff/li", json={"role": "supervisor", "teams": []})
        assert (changed.json()["role"], changed.json()["teams"]) == ("supervisor", [])
        gone = await callers.admin.post(f"{API}/staff/li/disable", json={"hand_over_to": "ben"})
        assert gone.json()["disabled"] is True
        assert (await client.get(f"{API}/staff/me")).status_code == 401
    assert (await callers.ben.get(f"{API}/tickets/{number}")).json()["assignee"] == "ben"
    listed = (await callers.supervisor.get(f"{API}/staff")).json()["items"]
    assert {one["name"]: one["disabled"] for one in listed}["li"] is True


async def test_names_that_stand_for_somebody_and_systems_that_become_people_are_refused(callers: Callers) -> None:
    reserved = await callers.admin.post(f"{API}/staff", json={"name": "me", "role": "agent"})
    assert reserved.status_code == 422
    assert (await callers.admin.patch(f"{API}/staff/shop", json={"role": "agent"})).status_code == 422
    assert (await callers.admin.patch(f"{API}/staff/nobody", json={"capacity": 1})).status_code == 404


async def test_one_is_away_until_a_time(callers: Callers) -> None:
    path = f"{API}/staff/me/availability"
    until = "2199-01-01T00:00:00Z"
    away = (await callers.ann.put(path, json={"state": "away", "until": until})).json()
    assert (away["state"], away["until"]) == ("away", until)
    assert (await callers.ann.put(path, json={"state": "away", "until": "2001-01-01T00:00:00Z"})).status_code == 422
    assert (await callers.ann.put(path, json={"state": "online", "until": until})).status_code == 422
    assert (await callers.ann.put(path, json={"state": "online"})).json()["until"] is None


async def test_a_telegram_account_is_joined_by_a_code_that_counts_once(callers: Callers) -> None:
    clock, database = callers.app.clock, callers.app.database
    off = (await callers.ann.post(f"{API}/staff/me/telegram-link")).json()
    assert off["url"] is None
    async with database.write() as session:
        await ensure_account(session, "telegram:tea_bot", "telegram", clock.now())
    made = (await callers.ann.post(f"{API}/staff/me/telegram-link")).json()
    assert made["url"] == f"https://t.me/tea_bot?start={made['code']}"
    codes = [off["code"], made["code"], made["code"]]
    joined = []
    for code in codes:
        async with database.write() as session:
            try:
                joined.append((await linking.redeem(session, "telegram:tea_bot", "71", code, clock.now())).name)
            except linking.LinkInvalid:
                joined.append("")
    # the older code ended with the newer one
    assert joined == ["", "ann", ""]
    assert (await callers.ann.get(f"{API}/staff/me")).json()["telegram"] is True


async def test_a_group_is_claimed_by_a_code_and_removed(callers: Callers) -> None:
    made = (await callers.admin.post(f"{API}/desks")).json()
    now, database = callers.app.clock.now(), callers.app.database
    async with database.write() as session:
        await desks.claim(session, made["code"], now=now, **CHAT)
    [desk] = (await callers.admin.get(f"{API}/desks")).json()["items"]
    assert (desk["id"], desk["chat"], desk["claimed_by"]) == (made["id"], "-1001", "ann")
    assert (await callers.admin.delete(f"{API}/desks/{desk['id']}")).status_code == 204
    assert (await callers.admin.get(f"{API}/desks")).json()["items"] == []
    assert (await callers.admin.delete(f"{API}/desks/{desk['id']}")).status_code == 404
    async with database.read() as session:
        actions = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("desks."))))
    assert actions == ["desks.code", "desks.claim", "desks.remove"]


async def test_ready_made_replies_are_kept_by_name(callers: Callers) -> None:
    path = f"{API}/canned-replies/resend"
    body = {"text": {"zh": "{customer}，{order}给您补发"}, "tags": ["补发"]}
    saved = (await callers.supervisor.put(path, json=body)).json()
    assert (saved["text"], saved["updated_by"]) == ({"zh": "{customer}，{order}给您补发", "en": None}, "sue")
    unknown = await callers.supervisor.put(path, json={"text": {"zh": "{phone}"}})
    assert unknown.json()["data"]["fields"][0]["path"] == "text.zh"
    assert [one["name"] for one in (await callers.ann.get(f"{API}/canned-replies")).json()["items"]] == ["resend"]
    assert (await callers.supervisor.delete(path)).status_code == 204
    assert (await callers.supervisor.delete(path)).status_code == 404


async def test_a_customer_is_blocked_with_a_reason_and_answered_again(callers: Callers) -> None:
    await a_case(callers)
    customer = (await callers.ann.get(f"{API}/customers?external_id=C-1")).json()["items"][0]["id"]
    blocked = await callers.ann.post(f"{API}/customers/{customer}/block", json={"reason": "辱骂"})
    assert blocked.json()["blocked_until"] is not None
    assert (await callers.ann.post(f"{API}/customers/{customer}/block", json={})).status_code == 422
    said = {"customer": "C-1", "message_id": "m-2", "text": "怎么开发票？"}
    [told] = (await callers.channel.post(f"{API}/messages", json=said)).json()["messages"]
    assert "不会回复您" in told["text"]
    again = await callers.ann.post(f"{API}/customers/{customer}/unblock")
    assert again.json()["blocked_until"] is None


async def test_the_queue_in_figures(callers: Callers) -> None:
    number = await a_case(callers)
    report = (await callers.supervisor.get(f"{API}/reports/queue")).json()
    assert (report["total"]["open"], report["conversations"]["waiting"]) == (1, 1)
    assert [share["name"] for share in report["agents"]] == [None]
    await callers.ann.post(f"{API}/tickets/{number}/take")
    report = (await callers.supervisor.get(f"{API}/reports/queue")).json()
    assert [(share["name"], share["open"]) for share in report["agents"]] == [("ann", 1)]
    assert (report["conversations"]["waiting"], report["conversations"]["taken"]) == (0, 1)
    assert report["total"]["waiting_since"] is not None
    assert (await callers.ann.get(f"{API}/reports/queue")).status_code == 403


async def test_a_case_is_put_aside_and_handed_back_over_http(callers: Callers) -> None:
    number = await a_case(callers)
    path = f"{API}/tickets/{number}"
    assert (await callers.ann.post(f"{path}/hand-back")).json()["error"] == "not_taken"
    await callers.ann.post(f"{path}/take")
    put_aside = await callers.ann.post(f"{path}/snooze", json={"until": "2199-01-01T00:00:00Z"})
    assert put_aside.json()["snoozed_until"] == "2199-01-01T00:00:00Z"
    assert (await callers.ann.post(f"{path}/snooze", json={"until": "2001-01-01T00:00:00Z"})).status_code == 422
    assert (await callers.ann.post(f"{path}/ask", json={"agent": "ben", "text": "?"})).status_code == 200
    assert (await callers.ben.post(f"{path}/note", json={"text": "查过了"})).status_code == 200
    assert (await callers.ann.post(f"{path}/hand-back")).json()["status"] == "resolved"

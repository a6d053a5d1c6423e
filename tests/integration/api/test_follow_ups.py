"""Follow-ups and programmes over HTTP."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from admin.follow_ups import office_of
from scheduler.dispatch import dispatch_due
from scheduler.planner import Office, plan_ahead
from tests.integration.api.conftest import Callers

API = "/api/v1"
KEYS = {
    "id", "programme", "occasion", "kind", "customer", "due_at", "due_local", "expires_at", "channel", "text",
    "decision", "because", "rule", "state",
}  # fmt: skip


async def get(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(API + path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(client: httpx.AsyncClient, path: str, body: Any = None, status: int = 200) -> Any:
    answer = await client.post(API + path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def customer_with_a_birthday(callers: Callers, name: str = "C-1") -> int:
    """Tomorrow, in Hangzhou; reached by the shop's own system."""
    day = (callers.app.clock.now() + timedelta(days=1, hours=8)).strftime("%m-%d")
    await post(callers.channel, "/messages", {"customer": name, "message_id": f"m-{name}", "text": "hi"})
    found = (await get(callers.ann, "/customers", external_id=name))["items"][0]
    changes = {"version": found["version"], "birthday": day, "birthday_calendar": "gregorian"}
    answer = await callers.ann.patch(f"{API}/customers/{found['id']}", json=changes)
    assert answer.status_code == 200, answer.text
    consents = {"care": True, "source": "at the counter"}
    assert (await callers.ann.put(f"{API}/customers/{found['id']}/consents", json=consents)).status_code == 200
    return int(found["id"])


async def test_a_programme_is_seen_enabled_listed_and_paused(callers: Callers) -> None:
    customer = await customer_with_a_birthday(callers)
    listed = await get(callers.ann, "/programmes")
    assert not any(one["enabled"] for one in listed["items"])
    dry = await post(callers.admin, "/programmes/birthday/enable", {"dry_run": True})
    assert (dry["enabled"], dry["count"], dry["skip"]) == (False, 1, {})
    (row,) = dry["first"]
    assert set(row) == KEYS
    assert (row["customer"]["id"], row["channel"], row["decision"]) == (customer, "http", "send")
    assert row["because"] == {"key": "due", "values": {}, "text": "今天是顾客的生日"}
    assert row["due_local"].endswith("T10:00:00+08:00")
    assert (await post(callers.admin, "/programmes/birthday/enable", {}))["enabled"]
    (on,) = [one for one in (await get(callers.ann, "/programmes"))["items"] if one["enabled"]]
    assert on["id"] == "birthday"
    paused = await post(callers.admin, "/programmes/birthday/pause")
    assert (paused["enabled"], paused["paused_because"]) == (False, None)


async def test_a_preview_counts_everything_and_gives_it_page_by_page(callers: Callers) -> None:
    for number in range(3):
        await customer_with_a_birthday(callers, f"C-{number}")
    today = callers.app.clock.now().date()
    span = {"from": today.isoformat(), "to": (today + timedelta(days=2)).isoformat()}
    first = await get(callers.ann, "/follow-ups/preview", programme="birthday", limit=2, **span)
    assert first["counts"] == {"send": 3, "skip": {}}
    rest = await get(callers.ann, "/follow-ups/preview", programme="birthday", cursor=first["next_cursor"], **span)
    assert [len(page["items"]) for page in (first, rest)] == [2, 1]
    assert rest["next_cursor"] is None
    off = await get(callers.ann, "/follow-ups/preview", **span)
    assert off["counts"]["send"] == 0
    assert off["counts"]["skip"]["programme_off"] >= 3
    assert (await get(callers.ann, "/follow-ups"))["items"] == []
    too_long = await callers.ann.get(f"{API}/follow-ups/preview", params={"from": "2026-01-01", "to": "2026-02-15"})
    assert too_long.status_code == 422
    unknown = await callers.ann.get(f"{API}/follow-ups/preview", params={**span, "programme": "nothing"})
    assert unknown.status_code == 404


async def test_a_planned_follow_up_is_cancelled_once(callers: Callers) -> None:
    await customer_with_a_birthday(callers)
    await post(callers.admin, "/programmes/birthday/enable", {})
    app = callers.app
    office = _office(callers)
    # A later hour of today may see tomorrow's ten o'clock beyond the horizon.
    now = app.clock.now() + timedelta(hours=16)
    await plan_ahead(app.database, office, now)
    (row,) = (await get(callers.ann, "/follow-ups"))["items"]
    assert (row["state"], row["programme"], row["channel"]) == ("planned", "birthday", "http")
    cancelled = await post(callers.ann, f"/follow-ups/{row['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    assert (await post(callers.ann, f"/follow-ups/{row['id']}/cancel", status=409))["error"] == "follow_up_over"
    await dispatch_due(app.database, office, now + timedelta(days=1))
    (row,) = (await get(callers.ann, "/follow-ups", state="cancelled"))["items"]


def _office(callers: Callers) -> Office:

    return office_of(callers.app.services.settings, callers.app.services.policies.rulebook)


async def test_an_event_of_another_system_counts_once_and_is_written_about(callers: Callers) -> None:
    await post(callers.admin, "/programmes/back-in-stock/enable", {})
    at = callers.app.clock.now().isoformat()
    event = {"id": "e-1", "customer": "C-7", "kind": "back_in_stock", "at": at, "data": {"product": "龙井"}}
    assert await post(callers.channel, "/events", event, 201) == {"id": "e-1", "new": True}
    assert await post(callers.channel, "/events", event) == {"id": "e-1", "new": False}
    now = callers.app.clock.now()
    await plan_ahead(callers.app.database, _office(callers), now)
    (row,) = (await get(callers.ann, "/follow-ups"))["items"]
    assert (row["occasion"], row["kind"], row["text"]) == ("event:e-1", "service", "您问过的龙井到货了。")


async def test_all_follow_ups_are_held_and_released(callers: Callers) -> None:
    assert await post(callers.supervisor, "/follow-ups/hold") == {"on_hold": True}
    assert await post(callers.supervisor, "/follow-ups/release") == {"on_hold": False}


async def test_a_test_goes_to_nobody_who_is_not_known(callers: Callers) -> None:
    refused = await post(callers.admin, "/programmes/birthday/test", {"to": "somebody"}, 404)
    assert refused["error"] == "nobody_to_test"
    assert "no number of a customer" in refused["detail"]


@pytest.mark.parametrize("kind", ["contact", "programmes"])
async def test_the_rules_of_follow_ups_are_read_checked_and_tried_like_others(callers: Callers, kind: str) -> None:
    shown = await get(callers.ann, f"/rules/{kind}")
    assert shown["version"] == 0
    assert await post(callers.supervisor, f"/rules/{kind}/check", {"text": shown["text"]}) == {"ok": True}
    tried = await post(callers.supervisor, f"/rules/{kind}/backtest", {"text": shown["text"], "days": 7})
    assert tried["changes"] == []


async def test_a_programme_s_report_and_the_week(callers: Callers) -> None:
    report = await get(callers.ann, "/programmes/win-back/report")
    assert (report["programme"], report["sent"], report["answered"], report["stopped"]) == ("win-back", 0, 0, 0)
    assert report["holdout"] == {"customers": 0, "bought": 0, "share": None, "running": 0}
    assert (await callers.ann.get(f"{API}/programmes/no-such/report")).status_code == 404
    week = await get(callers.admin, "/reports/week", of="2026-03-04")
    assert (week["start"], week["end"]) == ("2026-03-02", "2026-03-08")
    assert (await callers.admin.get(f"{API}/reports/week", params={"of": "yesterday"})).status_code == 422
    assert (await callers.ann.get(f"{API}/reports/week")).status_code == 403


async def test_what_gifts_may_cost_is_said_before_a_programme_is_enabled(callers: Callers) -> None:
    await customer_with_a_birthday(callers)
    dry = await post(callers.admin, "/programmes/birthday-gift/enable", {"dry_run": True})
    assert (dry["count"], dry["cost"]) == (1, [{"amount_minor": 2000, "currency": "CNY"}])

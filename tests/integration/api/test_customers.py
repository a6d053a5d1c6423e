"""Customers, orders, segments, tasks and rules over HTTP, as the contract says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from conversations.prompt_models import PromptAnswer
from conversations.prompts import AnswerKind
from customers import tasks
from customers.segment_rules import SEGMENTS
from customers.tasks import PrivacyWish, ask_privacy
from scheduler.models import FollowUp
from scheduler.values import FollowUpKind
from tests.integration.api.conftest import Callers

pytestmark = pytest.mark.db
API = "/api/v1"
SHAPE = {
    "id", "external_id", "name", "form_of_address", "language", "timezone", "birthday", "birthday_calendar",
    "birthday_leap_month", "phone", "email", "tags", "tier", "stage", "identities", "consents",
    "blocked_until", "at_risk", "version",
}  # fmt: skip


async def added(callers: Callers, **fields: Any) -> dict[str, Any]:
    answer = await callers.ann.post(f"{API}/customers", json=fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_customer_is_added_found_and_changed_by_version(callers: Callers) -> None:
    made = await added(
        callers, external_id="C-1", name="李桂芳", phone="138 0013 8000", birthday="农历八月十五", tags=["会员"]
    )
    assert set(made) >= SHAPE
    assert (made["birthday"], made["birthday_calendar"], made["version"]) == ("08-15", "lunar", 1)
    again = await callers.ann.post(f"{API}/customers", json={"external_id": "C-1"})
    assert (again.status_code, again.json()["id"]) == (200, made["id"])
    path = f"{API}/customers/{made['id']}"
    changed = await callers.ann.patch(path, json={"version": 1, "name": None, "form_of_address": "李阿姨"})
    assert (changed.json()["name"], changed.json()["version"]) == (None, 2)
    stale = await callers.ann.patch(path, json={"version": 1, "name": "x"})
    assert stale.status_code == 409
    wrong = await callers.ann.patch(path, json={"version": 2, "birthday": "1990-02-30"})
    assert wrong.status_code == 422
    for query in ("q=8000", "external_id=C-1", "tag=会员", "tier=standard", "sort=score"):
        listed = (await callers.ann.get(f"{API}/customers?{query}")).json()
        assert [one["id"] for one in listed["items"]] == [made["id"]], query
    assert (await callers.ann.get(f"{API}/customers?tag=gone")).json()["items"] == []


async def test_pages_by_score_and_by_id_cover_everybody_once(callers: Callers) -> None:
    ids = {(await added(callers, name=f"n{n}"))["id"] for n in range(7)}
    for sort in ("", "&sort=score"):
        seen, cursor = list[int](), ""
        while cursor is not None:
            page = (await callers.ann.get(f"{API}/customers?limit=3{sort}{cursor and '&cursor=' + cursor}")).json()
            seen += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert sorted(seen) == sorted(ids)


async def test_consents_keep_their_history(callers: Callers) -> None:
    path = f"{API}/customers/{(await added(callers, name='Li'))['id']}"
    given = await callers.ann.put(f"{path}/consents", json={"care": True, "source": "by phone"})
    assert given.json()["care"]["given"] is True
    assert given.json()["promotion"] == {"given": False, "source": None, "at": None}
    taken = await callers.ann.put(f"{path}/consents", json={"care": False, "source": "by phone"})
    assert [one["given"] for one in taken.json()["history"]] == [False, True]
    shown = (await callers.ann.get(path)).json()["consents"]
    assert set(shown["care"]) == {"given", "source", "at"}


async def test_the_timeline_tells_what_happened(callers: Callers) -> None:
    made = await added(callers, external_id="C-1")
    path = f"{API}/customers/{made['id']}/timeline"
    note = await callers.ann.post(path, json={"kind": "wish", "text": "likes it strong"})
    assert (note.status_code, note.json()["actor"]) == (201, "ann")
    order = {
        "external_id": "A-1",
        "customer_external_id": "C-1",
        "product": "龙井",
        "placed_at": "2026-03-01T00:00:00Z",
    }
    assert (await callers.channel.post(f"{API}/orders", json=order)).status_code == 201
    kinds = {one["kind"] for one in (await callers.ann.get(path)).json()["items"]}
    assert {"customer", "wish", "order"} <= kinds


async def test_the_timeline_holds_merges_cases_what_was_given_tasks_and_what_is_planned(callers: Callers) -> None:
    made, twin = await added(callers, external_id="C-1"), await added(callers, external_id="C-2")
    merged = await callers.supervisor.post(f"{API}/customers/{made['id']}/merge", json={"other": twin["id"]})
    assert merged.status_code == 200, merged.text
    opened = {"customer": made["id"], "kind": "complaint", "category": "damaged", "text": "the tin is dented"}
    ticket = await callers.ann.post(f"{API}/tickets", json=opened)
    assert ticket.status_code == 201, ticket.text
    grant = {"kind": "voucher", "amount_minor": 500, "currency": "CNY", "reason": "our fault"}
    given = await callers.ann.post(f"{API}/tickets/{ticket.json()['number']}/compensation", json=grant)
    now = callers.app.clock.now()
    async with callers.app.database.write() as session:
        await tasks.ask_privacy(session, made["id"], tasks.PrivacyWish.COPY, now)
        session.add(planned(made["id"], now))
    rows = (await callers.ann.get(f"{API}/customers/{made['id']}/timeline")).json()["items"]
    kinds = [row["kind"] for row in rows]
    assert kinds[0] == "follow_up"
    assert {"merge", "ticket", "task", "customer"} <= set(kinds)
    assert given.status_code == 201, given.text
    assert "compensation" in kinds
    assert sorted((row["at"] for row in rows), reverse=True) == [row["at"] for row in rows]


async def test_the_timeline_tells_what_a_follow_up_was_answered(callers: Callers) -> None:
    made = await added(callers, external_id="C-1")
    now = callers.app.clock.now()
    told = {"follow_up": 1, "programme": "revisit", "customer_id": made["id"], "at": now}
    async with callers.app.database.write() as session:
        session.add(PromptAnswer(**told, kind=AnswerKind.WORDS, words="太远了", question=0))
        session.add(PromptAnswer(**told, kind=AnswerKind.SCORE, value="2", question=1))
    rows = (await callers.ann.get(f"{API}/customers/{made['id']}/timeline")).json()["items"]
    answers = [(row["text"], row["data"]["programme"]) for row in rows if row["kind"] == "follow_up_answer"]
    assert answers == [("2", "revisit"), ("太远了", "revisit")]


def planned(customer_id: int, now: datetime) -> FollowUp:
    return FollowUp(
        programme="birthday", customer_id=customer_id, occasion="2026-12-24", kind=FollowUpKind.CARE,
        rule="programmes@0/birthday", happened_at=now, due_at=now + timedelta(days=30),
        expires_at=now + timedelta(days=31), created_at=now,
    )  # fmt: skip


async def test_audiences_are_listed_and_counted(callers: Callers) -> None:
    """By what they bought, where it went, their age and their tags."""
    hers = await added(callers, external_id="C-1", birthday="1955-08-15", tags=["茶友"])
    await added(callers, external_id="C-2", birthday="1990-08-15")
    order = {"external_id": "A-1", "customer": hers["id"], "product": "龙井", "region": "上海"}
    assert (await callers.channel.post(f"{API}/orders", json=order)).status_code == 201
    ages = ("age_from=60", "age_from=60&age_to=80")
    for query in ("region=上海", "product=龙井", *ages, "tag=茶友", "sort=score&tag=茶友"):
        found = (await callers.ann.get(f"{API}/customers?{query}")).json()["items"]
        assert [one["external_id"] for one in found] == ["C-1"], query
        if "sort" not in query:
            counted = (await callers.ann.get(f"{API}/segments?{query}")).json()["tiers"]
            assert sum(tier["customers"] for tier in counted) == 1, query
    assert (await callers.ann.get(f"{API}/customers?age_from=-1")).status_code == 422


async def test_every_field_of_a_file_is_changed_by_patch(callers: Callers) -> None:
    made = await added(callers, external_id="C-1")
    fields = {
        "name": "李桂芳", "form_of_address": "李阿姨", "organisation": "西湖茶友会", "language": "zh",
        "timezone": "Asia/Shanghai", "birthday": "08-15", "birthday_calendar": "lunar", "birthday_leap_month": False,
        "phone": "+8613800138000", "email": "li@example.com", "tags": ["茶友"], "needs": "不要打电话",
        "preferences": {"contact": "only_when_i_write_first"},
    }  # fmt: skip
    changed = await callers.ann.patch(f"{API}/customers/{made['id']}", json={"version": made["version"], **fields})
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in fields} == fields
    assert changed.json()["timezone_from"] == "agent"


async def test_orders_are_idempotent_and_make_their_customers(callers: Callers) -> None:
    order = {
        "external_id": "A/1", "customer_phone": "13800138000", "amount_minor": 3800, "status": "shipped",
        "items": [{"name": "龙井", "quantity": 2}],
    }  # fmt: skip
    first = await callers.channel.post(f"{API}/orders", json=order)
    assert first.status_code == 201
    assert (first.json()["currency"], first.json()["items"]) == ("CNY", [{"name": "龙井", "quantity": 2}])
    again = await callers.channel.post(f"{API}/orders", json={"external_id": "A/1", "status": "delivered"})
    assert (again.status_code, again.json()["status"], again.json()["amount_minor"]) == (200, "delivered", 3800)
    shown = await callers.ann.get(f"{API}/orders/A/1")
    assert shown.json() == again.json()
    whose = shown.json()["customer"]
    listed = await callers.ann.get(f"{API}/orders?customer={whose}&status=delivered&q=A%2F1")
    assert len(listed.json()["items"]) == 1
    nobody = await callers.channel.post(f"{API}/orders", json={"external_id": "A/2"})
    assert nobody.status_code == 422
    await added(callers, external_id="C-9")
    stolen = await callers.channel.post(f"{API}/orders", json={"external_id": "A/1", "customer_external_id": "C-9"})
    assert stolen.status_code == 409


async def test_a_link_is_made_and_files_are_joined_and_parted(callers: Callers) -> None:
    one, two = await added(callers, external_id="C-1"), await added(callers, external_id="C-2")
    link = await callers.ann.post(f"{API}/customers/{one['id']}/link")
    assert set(link.json()) == {"url", "code", "expires_at"}
    await callers.channel.post(f"{API}/orders", json={"external_id": "A-1", "customer_external_id": "C-1"})
    links = f"{API}/customers/{one['id']}/link"
    assert (await callers.ann.post(links, json={"order": "A-1"})).status_code == 201
    not_hers = await callers.ann.post(f"{API}/customers/{two['id']}/link", json={"order": "A-1"})
    assert not_hers.json()["data"]["fields"] == [{"path": "order", "reason": "is not this customer's"}]
    merged = await callers.supervisor.post(f"{API}/customers/{one['id']}/merge", json={"other": two["id"]})
    assert merged.status_code == 200
    assert (await callers.ann.get(f"{API}/customers/{two['id']}")).json()["id"] == one["id"]
    assert (await callers.ann.post(f"{API}/merges/{merged.json()['id']}/undo")).status_code == 403
    assert (await callers.supervisor.post(f"{API}/merges/{merged.json()['id']}/undo")).status_code == 200
    assert (await callers.ann.get(f"{API}/customers/{two['id']}")).json()["id"] == two["id"]


async def test_a_copy_and_an_erasure_with_its_receipt(callers: Callers) -> None:
    made = await added(callers, external_id="C-1", name="李桂芳李桂芳")
    path = f"{API}/customers/{made['id']}"
    assert (await callers.supervisor.get(f"{path}/export")).status_code == 403
    copy = (await callers.admin.get(f"{path}/export")).json()
    assert copy["customer"]["name"] == "李桂芳李桂芳"
    book = (await callers.admin.get(f"{API}/audit", params={"object": f"customer:{made['id']}"})).json()["items"]
    assert book[0]["action"] == "customers.export"
    receipt = await callers.admin.delete(path)
    assert receipt.status_code == 200
    assert {"customer", "places", "kept", "unreachable"} <= set(receipt.json())
    assert (await callers.ann.get(path)).status_code == 404
    assert (await callers.admin.delete(path)).json() == receipt.json()
    back = await callers.ann.post(f"{API}/customers", json={"external_id": "C-1", "name": "x"})
    assert (back.status_code, back.json()["error"]) == (409, "was_erased")


async def test_tasks_are_listed_taken_and_done(callers: Callers) -> None:
    made = await added(callers, name="Li")
    async with callers.app.database.write() as session:
        await ask_privacy(session, made["id"], PrivacyWish.COPY, callers.app.clock.now())
    (task,) = (await callers.ann.get(f"{API}/tasks?kind=privacy&state=open")).json()["items"]
    assert (task["customer"]["name"], task["subject"]) == ("Li", "copy")
    assert (await callers.ann.post(f"{API}/tasks/{task['id']}/take")).json()["assignee"] == "ann"
    assert (await callers.ben.post(f"{API}/tasks/{task['id']}/take")).status_code == 409
    assert len((await callers.ben.get(f"{API}/tasks?assignee=ann")).json()["items"]) == 1
    assert (await callers.ann.post(f"{API}/tasks/{task['id']}/done")).json()["state"] == "done"
    assert (await callers.ann.post(f"{API}/tasks/{task['id']}/drop")).status_code == 409


async def test_segments_are_counted(callers: Callers) -> None:
    await added(callers, name="Li")
    found = (await callers.ann.get(f"{API}/segments")).json()
    assert [one["name"] for one in found["tiers"]] == ["vip", "gold", "silver", "standard"]
    assert found["tiers"][3]["customers"] == 1


async def test_rules_are_read_tried_and_published(callers: Callers) -> None:
    path = f"{API}/rules/segments"
    shown = (await callers.ann.get(path)).json()
    assert (shown["version"], shown["text"]) == (0, SEGMENTS.shipped)
    text = SEGMENTS.shipped.replace("window_days = 365", "window_days = 180")
    assert (await callers.ann.post(f"{path}/check", json={"text": text})).status_code == 403
    assert (await callers.supervisor.post(f"{path}/check", json={"text": text})).json() == {"ok": True}
    wrong = await callers.supervisor.post(f"{path}/check", json={"text": text.replace("window_days", "windows")})
    assert wrong.status_code == 422
    assert "scores.windows" in [field["path"] for field in wrong.json()["data"]["fields"]]
    assert "+window_days = 180" in (await callers.supervisor.post(f"{path}/diff", json={"text": text})).json()["diff"]
    assert "examined" in (await callers.supervisor.post(f"{path}/backtest", json={"text": text})).json()
    body = {"text": text, "base": 0, "note": "half a year"}
    assert (await callers.supervisor.post(f"{path}/publish", json=body)).status_code == 403
    assert (await callers.admin.post(f"{path}/publish", json=body)).json()["version"] == 1
    assert (await callers.admin.post(f"{path}/publish", json=body)).status_code == 409
    assert (await callers.ann.get(path)).json()["text"] == text
    assert (await callers.ann.get(f"{path}?version=0")).json()["text"] == SEGMENTS.shipped
    (version,) = (await callers.ann.get(f"{path}/versions")).json()["items"]
    assert (version["author"], version["note"]) == ("root", "half a year")
    assert (await callers.ann.get(f"{API}/rules/unheard-of")).status_code == 404

"""Tickets, compensation, vouchers and teams over HTTP, as a shop's scripts use them."""

import asyncio
from typing import Any

import pytest

from tests.integration.api.conftest import Callers

pytestmark = pytest.mark.db
API = "/api/v1"


async def new_ticket(callers: Callers, **more: Any) -> Any:
    customer = (await callers.ann.post(f"{API}/customers", json={"external_id": "C-7", "name": "李"})).json()
    body = {"customer": customer["id"], "text": "茶罐破了", **more}
    opened = await callers.ann.post(f"{API}/tickets", json=body)
    assert opened.status_code == 201, opened.text
    return opened.json()


async def act(callers: Callers, number: int, what: str, who: str = "ann", **body: Any) -> Any:
    done = await getattr(callers, who).post(f"{API}/tickets/{number}/{what}", json=body or None)
    assert done.status_code == 200, done.text
    return done.json()


async def test_a_ticket_from_the_phone_to_its_end(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    assert (ticket["status"], ticket["category"], ticket["severity"], ticket["source"]) == (
        "new", "damaged", "normal", "phone",
    )  # fmt: skip
    assert ticket["customer"]["external_id"] == "C-7"
    number = ticket["number"]
    taken = await act(callers, number, "take")
    assert (taken["assignee"], taken["status"]) == ("ann", "open")
    await act(callers, number, "note", text="圆通压坏的")
    held = await act(callers, number, "hold", waiting_for="圆通", until="2199-01-01T00:00:00Z")
    assert (held["status"], held["waiting_for"], held["resolution_due_at"]) == ("on_hold", "圆通", None)
    done = await act(callers, number, "resolve", version=held["version"], root_cause="carrier", text="已补发")
    assert (done["status"], done["resolution"], done["root_cause"]) == ("resolved", "solved", "carrier")
    events = (await callers.ann.get(f"{API}/tickets/{number}/events")).json()["items"]
    assert [event["type"] for event in events] == ["opened", "taken", "noted", "held", "resolved"]
    assert events[0]["because"] == {"key": "complaint", "values": events[0]["because"]["values"], "text": "一般投诉"}


async def test_an_old_version_is_a_conflict_and_a_missing_one_is_wrong(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    path = f"{API}/tickets/{ticket['number']}"
    edited = await callers.ann.patch(path, json={"version": ticket["version"], "severity": "high", "tags": ["茶罐"]})
    assert (edited.json()["severity"], edited.json()["priority"], edited.json()["tags"]) == ("high", 2, ["茶罐"])
    assert (await callers.ann.patch(path, json={"version": ticket["version"], "subject": "x"})).status_code == 409
    assert (await callers.ann.patch(path, json={"subject": "x"})).status_code == 422
    assert (await callers.ann.post(f"{path}/resolve", json={"text": "x"})).status_code == 422
    severe = await callers.ann.post(f"{path}/resolve", json={"version": edited.json()["version"]})
    assert (severe.status_code, severe.json()["error"]) == (422, "root_cause_missing")


async def test_tickets_are_found_by_what_is_known_of_them(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    await act(callers, ticket["number"], "take")

    async def found(query: str) -> list[int]:
        listed = await callers.ann.get(f"{API}/tickets?{query}")
        return [item["number"] for item in listed.json()["items"]]

    for query in (
        "", "assignee=me", "assignee=ann", "status=open", "kind=complaint", "severity=normal", "q=茶罐",
        f"q={ticket['number']}", f"customer={ticket['customer']['id']}", "due_before=2199-01-01T00:00:00Z",
        "updated_after=2020-01-01T00:00:00Z",
    ):  # fmt: skip
        assert await found(query) == [ticket["number"]], query
    for query in ("assignee=none", "assignee=ben", "team=night", "status=closed", "due_before=2020-01-01T00:00:00Z"):
        assert await found(query) == [], query


async def test_a_reply_reaches_the_customer_where_they_wrote(callers: Callers) -> None:
    posted = await callers.channel.post(
        f"{API}/messages", json={"customer": "C-9", "message_id": "m-1", "text": "多久能送到？"}
    )
    conversation = posted.json()["conversation"]
    customer = (await callers.ann.get(f"{API}/conversations/{conversation}")).json()["customer"]["id"]
    opened = await callers.ann.post(f"{API}/tickets", json={"customer": customer, "text": "茶罐破了"})
    replied = await act(callers, opened.json()["number"], "reply", text="马上补发")
    assert (replied["assignee"], replied["status"], replied["conversation"]) == ("ann", "open", conversation)
    outgoing = (await callers.channel.get(f"{API}/outgoing")).json()["items"]
    assert "马上补发" in outgoing[-1]["message"]["text"]
    # a word after the end leaves it as it is
    number = replied["number"]
    await act(callers, number, "resolve", version=replied["version"])
    assert (await act(callers, number, "reply", text="还有什么可以帮您"))["status"] == "resolved"


async def test_whoever_has_never_written_cannot_be_replied_to(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    refused = await callers.ann.post(f"{API}/tickets/{ticket['number']}/reply", json={"text": "x"})
    assert (refused.status_code, refused.json()["error"]) == (409, "no_conversation")


async def given(callers: Callers, number: int, amount: int, kind: str = "voucher") -> Any:
    body = {"kind": kind, "amount_minor": amount, "currency": "CNY", "reason": "破损"}
    asked = await callers.ann.post(f"{API}/tickets/{number}/compensation", json=body)
    assert asked.status_code == 201, asked.text
    return asked.json()


async def test_a_refund_goes_from_hand_to_hand(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    grant = await given(callers, ticket["number"], 30_000, "refund")
    path = f"{API}/compensation/{grant['id']}"
    assert (grant["state"], grant["requested_by"]) == ("proposed", "ann")
    assert (await callers.ann.post(f"{path}/offer")).status_code == 403
    approved = (await callers.supervisor.post(f"{path}/approve")).json()
    assert (approved["state"], approved["approved_by"], approved["self_approved"]) == ("approved", "sue", False)
    assert (await callers.ann.post(f"{path}/offer")).json()["state"] == "offered"
    assert (await callers.ann.post(f"{path}/accept")).json()["state"] == "accepted"
    to_pay = (await callers.ann.get(f"{API}/compensation?to_pay=true")).json()["items"]
    assert [one["id"] for one in to_pay] == [grant["id"]]
    customer = ticket["customer"]["id"]
    for query, found in (
        (f"customer={customer}&state=accepted&kind=refund", [grant["id"]]),
        ("state=offered", []), ("kind=voucher", []), (f"customer={customer + 1}", []),
    ):  # fmt: skip
        listed = (await callers.ann.get(f"{API}/compensation?{query}")).json()["items"]
        assert [one["id"] for one in listed] == found, query
    issued = (await callers.ann.post(f"{path}/issue", json={"reference": "ALIPAY-1"})).json()
    assert (issued["state"], issued["reference"]) == ("issued", "ALIPAY-1")
    assert (await callers.ann.get(f"{API}/compensation?to_pay=true")).json()["items"] == []
    month = f"{callers.app.clock.now():%Y-%m}"
    account = f"promised:{ticket['customer']['id']}:CNY"
    book = (await callers.supervisor.get(f"{API}/ledger?account={account}")).json()
    assert ([entry["amount_minor"] for entry in book["items"]], book["balance_minor"]) == ([-30_000, 30_000], 0)
    whole = (await callers.supervisor.get(f"{API}/ledger")).json()["items"]
    assert sum(entry["amount_minor"] for entry in whole) == 0
    assert {entry["account"][:15] for entry in whole} >= {"budget:service:"[:15], "given:CNY"}
    assert len(month) == 7


async def test_an_owner_who_is_alone_types_the_amount(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    body = {"kind": "refund", "amount_minor": 50_000, "currency": "CNY", "reason": "破损"}
    grant = (await callers.admin.post(f"{API}/tickets/{ticket['number']}/compensation", json=body)).json()
    path = f"{API}/compensation/{grant['id']}/approve"
    assert (await callers.admin.post(path)).status_code == 403
    assert (await callers.admin.post(path, json={"confirm": 500})).status_code == 422
    approved = (await callers.admin.post(path, json={"confirm": 50_000})).json()
    assert (approved["state"], approved["self_approved"]) == ("approved", True)


async def test_a_voucher_at_the_till(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    grant = await given(callers, ticket["number"], 1_000)
    for door in ("offer", "accept"):
        assert (await callers.ann.post(f"{API}/compensation/{grant['id']}/{door}")).status_code == 200
    code = callers.app.services.policies.codes.code(grant["id"])
    looked = (await callers.channel.post(f"{API}/vouchers/check", json={"code": code})).json()
    assert (looked["usable"], looked["amount_minor"], looked["code_last4"]) == (True, 1_000, code[-4:])
    redeemed = await callers.channel.post(f"{API}/vouchers/redeem", json={"code": code.lower(), "order": "A-1"})
    assert redeemed.json()["state"] == "redeemed"
    again = await callers.channel.post(f"{API}/vouchers/redeem", json={"code": code})
    assert (again.status_code, again.json()["error"]) == (409, "voucher_spent")
    assert (await callers.ann.post(f"{API}/vouchers/check", json={"code": "nonsense"})).status_code == 404
    assert code not in (await callers.admin.get(f"{API}/compensation")).text
    assert code not in (await callers.admin.get(f"{API}/tickets/{ticket['number']}/events")).text


async def test_one_key_a_hundred_times_at_once_is_one_grant_and_one_answer(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    body = {"kind": "voucher", "amount_minor": 500, "currency": "CNY", "reason": "破损"}
    path = f"{API}/tickets/{ticket['number']}/compensation"

    async def once() -> tuple[int, Any]:
        while True:
            answer = await callers.ann.post(path, json=body, headers={"Idempotency-Key": "k-1"})
            if answer.json().get("error") != "still_running":
                return answer.status_code, answer.json()["id"]
            await asyncio.sleep(0.1)  # as a client would: a hundred that ask without a pause only wait for each other

    answers = await asyncio.gather(*(once() for _ in range(100)))
    assert len(set(answers)) == 1
    assert len((await callers.ann.get(path)).json()["items"]) == 1


async def test_what_may_be_given_now(callers: Callers) -> None:
    order = {"external_id": "A-1", "customer_external_id": "C-7", "amount_minor": 12_400, "currency": "CNY"}
    await callers.ann.post(f"{API}/orders", json=order)
    ticket = await new_ticket(callers, order="A-1")
    assert (ticket["order"], ticket["order_verified"]) == ("A-1", True)
    seen = (await callers.ann.get(f"{API}/tickets/{ticket['number']}/compensation/options")).json()
    assert [(one["kind"], one["amount_minor"], one["needs_approval"]) for one in seen["options"]] == [
        ("voucher", 1_240, False), ("replacement", 12_400, True), ("refund", 2_480, False), ("apology", 0, False),
    ]  # fmt: skip
    assert seen["limits"] == [{"amount_minor": 10_000, "currency": "CNY"}]
    assert seen["budgets"][0]["left_minor"] == 500_000


async def test_a_cap_answers_with_what_is_left(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    body = {"kind": "refund", "amount_minor": 200_001, "currency": "CNY", "reason": "x"}
    refused = await callers.ann.post(f"{API}/tickets/{ticket['number']}/compensation", json=body)
    assert (refused.status_code, refused.json()["error"]) == (409, "limit_passed")
    assert refused.json()["data"]["limits"] == {"per_ticket": {"left_minor": 200_000, "currency": "CNY"}}


async def test_teams(callers: Callers) -> None:
    path = f"{API}/teams/night"
    made = await callers.admin.put(path, json={"members": ["ann", "ben"], "calendar": "always"})
    assert made.json() == {"name": "night", "members": ["ann", "ben"], "calendar": "always"}
    assert (await callers.admin.put(path, json={"calendar": "never"})).status_code == 422
    assert (await callers.admin.put(path, json={"members": ["shop"]})).status_code == 422
    ticket = await new_ticket(callers)
    assigned = await act(callers, ticket["number"], "assign", team="night", version=ticket["version"])
    assert (assigned["team"], assigned["assignee"]) == ("night", None)
    assert (await callers.admin.delete(path)).status_code == 204
    assert (await callers.ann.get(f"{API}/teams")).json()["items"] == []


async def test_the_customers_timeline_shows_cases_and_what_was_given(callers: Callers) -> None:
    ticket = await new_ticket(callers)
    await given(callers, ticket["number"], 500)
    listed = await callers.ann.get(f"{API}/customers/{ticket['customer']['id']}/timeline")
    shown = {item["kind"]: item["data"] for item in listed.json()["items"]}
    assert shown["ticket"]["ticket"] == ticket["number"]
    assert (shown["compensation"]["state"], shown["compensation"]["amount_minor"]) == ("approved", 500)


async def test_merging_over_http(callers: Callers) -> None:
    one = await new_ticket(callers)
    two = await new_ticket(callers)
    await act(callers, one["number"], "link", to=two["number"])
    survivor = await act(callers, two["number"], "merge", into=one["number"], version=two["version"])
    assert (survivor["number"], survivor["links"]) == (one["number"], [two["number"]])
    gone = (await callers.ann.get(f"{API}/tickets/{two['number']}")).json()
    assert (gone["status"], gone["merged_into"]) == ("closed", one["number"])


@pytest.mark.parametrize("kind", ["tickets", "calendars"])
async def test_rules_of_both_kinds_are_tried_out_before_they_hold(callers: Callers, kind: str) -> None:
    await new_ticket(callers)
    text = (await callers.ann.get(f"{API}/rules/{kind}")).json()["text"]
    other = text.replace('"1h"', '"2h"').replace('"09:00-18:00"', '"09:00-12:00"')
    tried = (await callers.supervisor.post(f"{API}/rules/{kind}/backtest", json={"text": other})).json()
    assert tried["examined"] >= 1
    assert tried["changes"] or kind == "calendars"
    published = await callers.admin.post(f"{API}/rules/{kind}/publish", json={"text": other, "base": 0, "note": "x"})
    assert published.json()["version"] == 1
    assert (await new_ticket(callers))["number"]


async def test_an_offer_reaches_the_customer_and_its_code_nobody_else(callers: Callers) -> None:
    said = {"customer": "C-9", "message_id": "m-1", "text": "收到的茶罐摔坏了"}
    complained = (await callers.channel.post(f"{API}/messages", json=said)).json()
    (ticket,) = (await callers.ann.get(f"{API}/tickets")).json()["items"]
    grant = await given(callers, ticket["number"], 1_000)
    assert (await callers.ann.post(f"{API}/compensation/{grant['id']}/offer")).status_code == 200
    told = (await callers.channel.get(f"{API}/outgoing")).json()["items"][-1]["message"]
    assert (told["kind"], "10元" in told["text"]) == ("service", True)
    pressed = {"customer": "C-9", "message_id": "m-2", "button": told["buttons"][0]["id"]}
    accepted = (await callers.channel.post(f"{API}/messages", json=pressed)).json()
    code = callers.app.services.policies.codes.code(grant["id"])
    assert code in accepted["messages"][0]["text"]
    talk = f"{API}/conversations/{complained['conversation']}/messages"
    assert code in (await callers.channel.get(talk)).text
    file = f"{API}/customers/{ticket['customer']['id']}"
    assert code not in (await callers.admin.get(f"{file}/export")).text
    for path in (talk, f"{file}/timeline"):
        seen = (await callers.admin.get(path)).text
        assert code not in seen
        assert f"****{code[-4:]}" in seen


async def test_what_was_sent_is_told_with_its_reference_and_the_end_in_the_agents_words(callers: Callers) -> None:
    said = {"customer": "C-9", "message_id": "m-1", "text": "收到的茶罐摔坏了"}
    await callers.channel.post(f"{API}/messages", json=said)
    (ticket,) = (await callers.ann.get(f"{API}/tickets")).json()["items"]
    grant = await given(callers, ticket["number"], 5_000, "refund")
    for door in ("offer", "accept"):
        assert (await callers.ann.post(f"{API}/compensation/{grant['id']}/{door}")).status_code == 200
    await callers.ann.post(f"{API}/compensation/{grant['id']}/issue", json={"reference": "ALIPAY-9"})
    version = (await callers.ann.get(f"{API}/tickets/{ticket['number']}")).json()["version"]
    await act(callers, ticket["number"], "resolve", version=version, text="下次用更厚的盒子。")
    items = (await callers.channel.get(f"{API}/outgoing")).json()["items"]
    offered, issued, words, asked = [item["message"] for item in items]
    assert "想退您50元" in offered["text"]
    assert "已经退您50元，凭证号ALIPAY-9" in issued["text"]
    assert (words["text"], words["author"], words["name"]) == ("下次用更厚的盒子。", "agent", "小安")
    assert [button["label"] for button in asked["buttons"]] == ["解决了", "没解决"]

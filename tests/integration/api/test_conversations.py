"""Agents find who waits, take, reply and hand back."""

from typing import Any

import pytest

from tests.integration.api.conftest import Callers

pytestmark = pytest.mark.db

CONVERSATIONS = "/api/v1/conversations"


async def asked(callers: Callers, customer: str, text: str = "人工") -> int:
    posted = {"customer": customer, "message_id": f"{customer}:{text}", "text": text, "name": "王小姐"}
    conversation: int = (await callers.channel.post("/api/v1/messages", json=posted)).json()["conversation"]
    return conversation


async def listed(callers: Callers, **wanted: Any) -> list[int]:
    page = (await callers.ann.get(CONVERSATIONS, params=wanted)).json()
    return [conversation["id"] for conversation in page["items"]]


async def test_who_waits_is_found(callers: Callers) -> None:
    waiting, other = await asked(callers, "C-1"), await asked(callers, "C-2", "多久能送到？")
    assert await listed(callers, state="waiting") == [waiting]
    assert await listed(callers, state="bot") == [other]
    assert await listed(callers, unanswered="true") == [waiting]
    assert await listed(callers, channel="http") == [other, waiting]
    assert await listed(callers, channel="web") == []
    found = (await callers.ann.get(f"{CONVERSATIONS}/{waiting}")).json()
    assert set(found) == {
        "id", "account", "channel", "customer", "state", "with", "ticket", "language", "last_seq", "last_at",
        "unanswered_since",
    }  # fmt: skip
    assert (found["account"], found["channel"], found["state"], found["with"]) == ("http:shop", "http", "waiting", None)
    customer = found["customer"]
    assert (customer["external_id"], customer["name"], customer["verified"]) == ("C-1", "王小姐", True)
    assert await listed(callers, customer=customer["id"]) == [waiting]


async def test_the_list_is_read_page_by_page(callers: Callers) -> None:
    made = [await asked(callers, f"C-{number}") for number in range(5)]
    read: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await callers.ann.get(CONVERSATIONS, params={"limit": 2, **cursor})).json()
        read += [conversation["id"] for conversation in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert read == sorted(made, reverse=True)


async def test_one_takes_it_and_only_she_replies(callers: Callers) -> None:
    conversation = f"{CONVERSATIONS}/{await asked(callers, 'C-1')}"
    early = await callers.ann.post(f"{conversation}/reply", json={"text": "您好"})
    assert (early.status_code, early.json()["error"]) == (409, "not_taken")
    taken = (await callers.ann.post(f"{conversation}/take")).json()
    assert (taken["state"], taken["with"]) == ("taken", "小安")
    late = await callers.ben.post(f"{conversation}/take")
    assert (late.status_code, late.json()["error"]) == (409, "already_taken")
    foreign = await callers.ben.post(f"{conversation}/reply", json={"text": "您好"})
    assert (foreign.status_code, foreign.json()["error"]) == (403, "taken_by_other")
    assert (await callers.ann.post(f"{conversation}/reply", json={"text": "您好"})).status_code == 200
    back = (await callers.ann.post(f"{conversation}/hand-back")).json()
    assert (back["state"], back["with"]) == ("bot", None)


async def test_what_was_said_is_read_from_a_message_on(callers: Callers) -> None:
    conversation = await asked(callers, "C-1")
    messages = f"{CONVERSATIONS}/{conversation}/messages"
    everything = (await callers.channel.get(messages)).json()["items"]
    assert everything[0]["author"] == "customer"
    assert everything[0]["kind"] is None
    assert everything[0]["delivery"] is None
    later = (await callers.channel.get(messages, params={"after": everything[0]["seq"]})).json()["items"]
    assert later == everything[1:]
    first = (await callers.channel.get(messages, params={"limit": 1})).json()
    rest = (await callers.channel.get(messages, params={"cursor": first["next_cursor"]})).json()
    assert first["items"] + rest["items"] == everything


async def test_a_web_visitor_who_has_said_nothing_yet_is_not_listed(callers: Callers) -> None:
    await callers.nobody.post("/chat/session", json={})
    assert await listed(callers) == []


async def test_a_reply_is_mended_and_taken_back_by_who_wrote_it(callers: Callers) -> None:
    conversation = await asked(callers, "C-1")
    await callers.ann.post(f"{CONVERSATIONS}/{conversation}/take")
    sent = (await callers.ann.post(f"{CONVERSATIONS}/{conversation}/reply", json={"text": "38 元"})).json()
    mended = (await callers.ann.patch(f"/api/v1/messages/{sent['id']}", json={"text": "36 元"})).json()
    assert (mended["text"], mended["replaces"], mended["kind"]) == ("36 元", sent["id"], "agent_reply")
    refused = await callers.ben.patch(f"/api/v1/messages/{sent['id']}", json={"text": "1 元"})
    assert (refused.status_code, refused.json()["error"]) == (403, "not_own_reply")
    gone = (await callers.ann.delete(f"/api/v1/messages/{sent['id']}")).json()
    assert (gone["text"], gone["replaces"]) == ("", mended["id"])
    again = await callers.ann.delete(f"/api/v1/messages/{sent['id']}")
    assert (again.status_code, again.json()["error"]) == (409, "taken_back")
    assert (await callers.ann.delete(f"/api/v1/messages/{10**15}")).status_code == 404
    told = (await callers.channel.get("/api/v1/outgoing")).json()["items"]
    assert [item["message"]["text"] for item in told] == ["38 元", "36 元", ""]

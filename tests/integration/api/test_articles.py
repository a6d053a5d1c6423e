"""An admin looks after the knowledge base over HTTP: versions, dates, warnings, labels, synonyms, who changed what."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api.conftest import Callers
from tests.support.articles import DELIVERY_ANSWER

PRICE = {"key": "wrapping", "language": "zh", "question": "包装一下要多少钱？", "answer": "12元"}


async def ok(response: Any) -> dict[str, Any]:
    assert response.status_code < 300, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.db
async def test_the_life_of_an_article(callers: Callers) -> None:
    admin = callers.admin
    made = await ok(await admin.post("/api/v1/articles", json={**PRICE, "note": "新的包装"}))
    assert (made["status"], made["author"], made["note"], made["pending"]) == ("draft", "root", "新的包装", None)
    asked = await ok(await admin.patch("/api/v1/articles/wrapping", json={"version": 1, "status": "review"}))
    assert (asked["status"], asked["version"]) == ("review", 1)
    assert (await ok(await admin.post("/api/v1/articles/wrapping/publish")))["published_version"] == 1
    refused = await admin.patch("/api/v1/articles/wrapping", json={"version": 1, "status": "review"})
    assert (refused.status_code, refused.json()["error"]) == (409, "illegal_move")
    await ok(await admin.patch("/api/v1/articles/wrapping", json={"version": 1, "answer": "15元"}))

    shown = await ok(await callers.ann.get("/api/v1/articles/wrapping/diff"))
    assert (shown["from"], shown["to"], shown["changes"][0]["lines"]) == (1, 2, ["-12元", "+15元"])
    versions = await ok(await callers.ann.get("/api/v1/articles/wrapping/versions?limit=1"))
    assert [(one["version"], one["published"]) for one in versions["items"]] == [(2, False)]
    rest = await ok(await callers.ann.get(f"/api/v1/articles/wrapping/versions?cursor={versions['next_cursor']}"))
    assert [(one["version"], one["published"]) for one in rest["items"]] == [(1, True)]

    back = await ok(await admin.post("/api/v1/articles/wrapping/rollback", json={"version": 1}))
    assert (back["version"], back["published_version"], back["answer"]) == (3, 3, "12元")
    missing = await admin.post("/api/v1/articles/wrapping/rollback", json={"version": 9})
    assert (missing.status_code, missing.json()["error"]) == (404, "unknown_version")


async def test_articles_are_found_by_words_state_category_and_language(callers: Callers) -> None:
    await ok(await callers.admin.post("/api/v1/articles", json={**PRICE, "category": "礼品"}))
    for wanted, found in (
        ({"q": "包装"}, ["wrapping"]),
        ({"status": "draft"}, ["wrapping"]),
        ({"category": "礼品"}, ["wrapping"]),
        ({"q": "包装", "language": "zh"}, ["wrapping"]),
        ({"q": "包装", "language": "en"}, []),
        ({"q": "包装", "status": "published"}, []),
    ):
        listed = await ok(await callers.ann.get("/api/v1/articles", params=wanted))
        assert [article["key"] for article in listed["items"]] == found, wanted


async def test_publishing_at_a_date_and_taking_it_back(callers: Callers) -> None:
    admin, at = callers.admin, callers.app.clock.now() + timedelta(days=3)
    await ok(await admin.post("/api/v1/articles", json=PRICE))
    planned = await ok(await admin.post("/api/v1/articles/wrapping/publish", json={"at": at.isoformat()}))
    assert planned["pending"] == {"version": 1, "at": planned["pending"]["at"], "state": "scheduled", "detail": None}
    assert planned["published_version"] is None
    taken_back = await ok(await admin.patch("/api/v1/articles/wrapping", json={"version": 1, "status": "draft"}))
    assert (taken_back["pending"], taken_back["status"]) == (None, "draft")


async def test_what_makes_labelled_questions_worse_needs_a_reason(callers: Callers) -> None:
    admin = callers.admin
    wording = "请问包装费怎么收"
    await ok(await admin.post("/api/v1/articles", json={**PRICE, "phrasings": [wording], "status": "published"}))
    await ok(await admin.post("/api/v1/labels", json={"question": wording, "article": "wrapping", "language": "zh"}))
    away = {"version": 1, "question": "养一只猫", "phrasings": ["天上的云"]}
    await ok(await admin.patch("/api/v1/articles/wrapping", json=away))

    gate = callers.app.services.knowledge.gate
    gate.patience = 0.0
    slow = await admin.post("/api/v1/articles/wrapping/publish")
    assert (slow.status_code, slow.json()["pending"]["state"]) == (202, "checking")
    assert slow.json()["published_version"] == 1

    gate.patience = 600.0
    refused = await admin.post("/api/v1/articles/wrapping/publish")
    assert refused.status_code == 409, refused.text
    assert refused.json()["error"] == "answers_worse"
    broken = refused.json()["data"]["questions"]
    assert [(row["question"], row["article"]) for row in broken] == [(wording, "wrapping")]

    forced = await ok(await admin.post("/api/v1/articles/wrapping/publish", json={"force_reason": "我们知道"}))
    assert forced["published_version"] == 2

    back = await ok(await admin.post("/api/v1/articles/wrapping/rollback", json={"version": 1}))
    assert back["published_version"] == 3
    again = await admin.post("/api/v1/articles/wrapping/rollback", json={"version": 2})
    assert (again.status_code, again.json()["error"]) == (409, "answers_worse")
    gone = await ok(await admin.delete("/api/v1/articles/wrapping"))  # nothing else answers what it answered
    assert gone["status"] == "archived"


#: What is saved, and what there is to say of it.
WARNINGS: list[tuple[dict[str, Any], list[tuple[str, str | None]]]] = [
    # the same question with another answer
    ({"question": "什么时候送到？", "answer": "三天以后。"}, [("contradiction", "delivery")]),
    # ... and with the same one
    ({"question": "快递要多久", "answer": DELIVERY_ANSWER}, [("near_duplicate", "delivery")]),
    # a wording by which customers would find another article
    (
        {"question": "养一只猫要什么？", "answer": "猫粮。", "phrasings": ["猫粮多少钱", "快递多久能送到"]},
        [("leads_elsewhere", "delivery")],
    ),
    # a fact that nobody has set
    ({"question": "你们在哪？", "answer": "在{address}。"}, [("empty_fact", None)]),
    # related to what is not there
    ({"question": "在哪儿停车？", "answer": "门口。", "related": ["nowhere"]}, [("unknown_related", "nowhere")]),
    # its time is over
    (
        {"question": "去年的价格？", "answer": "38元", "valid_until": "2020-01-01T00:00:00Z"},
        [("not_valid_any_more", None)],
    ),
    # nothing to say
    ({"question": "可以带狗吗？", "answer": "可以。"}, []),
]


async def test_warnings_on_save(callers: Callers) -> None:
    for number, (words, expected) in enumerate(WARNINGS):
        body = {"key": f"new-{number}", "language": "zh", **words}
        saved = await ok(await callers.admin.post("/api/v1/articles", json=body))
        assert [(one["code"], one["article"]) for one in saved["warnings"]] == expected
        assert all(one["text"] for one in saved["warnings"])


async def test_two_drafts_with_one_question_are_told_apart_before_either_is_published(callers: Callers) -> None:
    await ok(await callers.admin.post("/api/v1/articles", json=PRICE))
    again = await ok(await callers.admin.post("/api/v1/articles", json={**PRICE, "key": "again", "answer": "免费"}))
    assert [(one["code"], one["article"]) for one in again["warnings"]] == [("contradiction", "wrapping")]


async def test_an_unknown_placeholder_is_refused_with_its_name(callers: Callers) -> None:
    refused = await callers.admin.post("/api/v1/articles", json={**PRICE, "answer": "{opening_hours}"})
    assert refused.status_code == 422
    assert "{opening_hours} is no fact of the shop" in refused.json()["detail"]


async def test_staff_find_what_customers_never_see(callers: Callers) -> None:
    body = {**PRICE, "key": "margin", "question": "龙井的进货价是多少？", "audience": "agent", "status": "published"}
    await ok(await callers.admin.post("/api/v1/articles", json=body))
    await callers.app.services.knowledge.refresh(fully=True)

    found = await ok(await callers.ann.get("/api/v1/search", params={"q": body["question"]}))
    posted = await callers.channel.post(
        "/api/v1/messages", json={"customer": "C-1", "message_id": "1", "text": body["question"]}
    )

    assert found["article"] == "margin"
    assert body["answer"] not in posted.text


@pytest.mark.db
async def test_labels_and_synonyms(callers: Callers) -> None:
    admin = callers.admin
    label = {"question": "寄出去要几天", "article": "delivery"}
    first = await admin.post("/api/v1/labels", json=label)
    again = await admin.post("/api/v1/labels", json={**label, "article": None})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["article"] is None
    wrong = await admin.post("/api/v1/labels", json={**label, "article": "nowhere"})
    assert (wrong.status_code, wrong.json()["data"]["fields"][0]["path"]) == (422, "article")
    assert [one["id"] for one in (await ok(await callers.ann.get("/api/v1/labels")))["items"]] == [first.json()["id"]]
    assert (await admin.delete(f"/api/v1/labels/{first.json()['id']}")).status_code == 204

    groups = {"items": [["退款", "退钱"], {"words": ["快递", "包裹"]}]}
    put = await ok(await admin.put("/api/v1/synonyms", json=groups))
    assert put == {"items": [{"words": ["退款", "退钱"]}, {"words": ["快递", "包裹"]}]}
    assert await ok(await callers.ann.get("/api/v1/synonyms")) == put


@pytest.mark.db
async def test_the_book_says_who_changed_which_fields(callers: Callers) -> None:
    admin = callers.admin
    await ok(await admin.post("/api/v1/articles", json=PRICE))
    await ok(await admin.patch("/api/v1/articles/wrapping", json={"version": 1, "answer": "15元", "note": "涨价"}))

    found = await ok(await admin.get("/api/v1/audit?object=article:wrapping&actor=root"))
    assert [entry["action"] for entry in found["items"]] == ["article.edit", "article.create"]
    assert found["items"][0]["changes"] == {"answer": ["12元", "15元"]}
    assert found["items"][0]["note"] == "涨价"
    today = callers.app.clock.now().date().isoformat()
    assert (await ok(await admin.get(f"/api/v1/audit?from={today}&object=article:wrapping:zh")))["items"]
    assert (await ok(await admin.get("/api/v1/audit?to=2020-01-01")))["items"] == []
    refused = await admin.get("/api/v1/audit?from=yesterday")
    assert (refused.status_code, refused.json()["data"]["fields"][0]["path"]) == (422, "from")

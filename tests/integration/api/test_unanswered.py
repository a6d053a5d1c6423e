"""What nobody could answer comes back as a list, and becomes articles and labels."""

from typing import Any

import httpx

from knowledge_base.gaps import group_questions
from tests.integration.api.conftest import Callers
from tests.support.articles import DELIVERY_ANSWER


async def ok(response: httpx.Response) -> Any:
    assert response.status_code < 300, response.text
    return response.json()


async def say(callers: Callers, customer: str, text: str) -> dict[str, Any]:
    body = {"customer": customer, "message_id": f"{customer} {text}", "text": text, "language": "zh"}
    posted: dict[str, Any] = await ok(await callers.channel.post("/api/v1/messages", json=body))
    return posted


async def gather(callers: Callers) -> list[dict[str, Any]]:
    app = callers.app
    await group_questions(app.database, app.services.knowledge, app.clock.now())
    found: list[dict[str, Any]] = (await ok(await callers.ann.get("/api/v1/unanswered")))["items"]
    return found


async def test_a_question_that_a_person_answered_becomes_a_draft_with_that_answer(callers: Callers) -> None:
    for customer in ("C-1", "C-2"):
        await say(callers, customer, "可以带宠物进店吗，我的电话13812345678")
    conversation = (await say(callers, "C-2", "人工"))["conversation"]
    await ok(await callers.ann.post(f"/api/v1/conversations/{conversation}/take"))
    for words in ("您好", "小狗牵好绳子可以进院子，有事打 13987654321。"):
        await ok(await callers.ann.post(f"/api/v1/conversations/{conversation}/reply", json={"text": words}))

    (gap,) = await gather(callers)
    assert (gap["customers"], gap["hand_overs"], gap["complaints"]) == (2, 1, 0)
    assert gap["question"] == "可以带宠物进店吗，我的电话[phone]"
    assert gap["agent_answer"] == "小狗牵好绳子可以进院子，有事打 [phone]。"

    made = await callers.admin.post(f"/api/v1/unanswered/{gap['id']}/article", json={"question": "可以带宠物吗？"})
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["answer"]) == ("draft", gap["agent_answer"])
    assert made.json()["phrasings"] == ["可以带宠物进店吗，我的电话"]
    assert await gather(callers) == []
    answered = await ok(await callers.ann.get("/api/v1/unanswered?state=answered"))
    assert [(one["id"], one["article"]) for one in answered["items"]] == [(gap["id"], made.json()["key"])]


async def test_phrasings_for_an_article_that_there_is_and_dismissing(callers: Callers) -> None:
    await say(callers, "C-1", "可以带宠物进店吗")
    await say(callers, "C-1", "收比特币吗")
    first, second = await gather(callers)
    missing = await callers.admin.post(f"/api/v1/unanswered/{first['id']}/article", json={"key": "nowhere"})
    assert (missing.status_code, missing.json()["error"]) == (404, "unknown_article")
    given = await callers.admin.post(f"/api/v1/unanswered/{first['id']}/article", json={"key": "delivery"})
    assert given.status_code == 200
    assert given.json()["phrasings"][-1] == first["question"]
    gone = await ok(await callers.admin.post(f"/api/v1/unanswered/{second['id']}/dismiss", json={"note": "不收"}))
    assert gone["state"] == "dismissed"
    assert await gather(callers) == []


async def test_an_agent_marks_a_wrong_answer(callers: Callers) -> None:
    answer = (await say(callers, "C-1", "多久能送到？"))["messages"][-1]
    assert DELIVERY_ANSWER in answer["text"]
    conversation = (await ok(await callers.ann.get("/api/v1/conversations")))["items"][0]["id"]
    messages = (await ok(await callers.ann.get(f"/api/v1/conversations/{conversation}/messages")))["items"]

    own = await callers.ann.post(f"/api/v1/messages/{messages[0]['id']}/wrong")
    assert (own.status_code, own.json()["error"]) == (409, "no_answer")
    wrong = await callers.ann.post(f"/api/v1/messages/{answer['id']}/wrong", json={"article": "nowhere"})
    assert wrong.status_code == 422
    label = await ok(await callers.ann.post(f"/api/v1/messages/{answer['id']}/wrong", json={"note": "问的是自提"}))

    assert (label["question"], label["article"], label["source"]) == ("多久能送到？", None, "ann")
    assert label["note"] == "问的是自提"
    assert [gap["question"] for gap in await gather(callers)] == ["多久能送到？"]
    missing = await callers.ann.post("/api/v1/messages/99999/wrong")
    assert (missing.status_code, missing.json()["error"]) == (404, "unknown_message")

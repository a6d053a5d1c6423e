"""Another system posts its customers' messages and reads the answers."""

import asyncio
from typing import Any

import pytest

from tests.integration.api.conftest import Callers
from tests.support.articles import DELIVERY_ANSWER

pytestmark = pytest.mark.db

POSTED = {"customer": "C-1", "message_id": "m-1", "text": "多久能送到？"}


def texts(answer: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in answer["messages"])


async def test_a_question_is_answered_in_the_response(callers: Callers) -> None:
    response = await callers.channel.post("/api/v1/messages", json=POSTED)
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["state"] == "bot"
    assert DELIVERY_ANSWER in texts(answer)
    message = answer["messages"][0]
    assert set(message) == {
        "id", "seq", "message_id", "author", "name", "kind", "text", "buttons", "attachments", "reply_to", "replaces",
        "delivery", "at",
    }  # fmt: skip
    assert message["author"] == "bot"
    assert message["kind"] == "reply"
    assert message["delivery"] == "sent"
    assert message["at"].endswith("Z")


async def test_the_same_message_again_returns_the_same_and_does_nothing_twice(callers: Callers) -> None:
    first = await callers.channel.post("/api/v1/messages", json=POSTED)
    again = await callers.channel.post("/api/v1/messages", json=POSTED)
    assert again.json() == first.json()
    timeline = await callers.channel.get(f"/api/v1/conversations/{first.json()['conversation']}/messages")
    said = [message["message_id"] for message in timeline.json()["items"] if message["author"] == "customer"]
    assert said == ["m-1"]


async def test_a_hundred_copies_at_once_get_one_answer(callers: Callers) -> None:
    copies = [callers.channel.post("/api/v1/messages", json=POSTED) for _ in range(100)]
    responses = await asyncio.gather(*copies)
    assert {response.status_code for response in responses} == {200}
    assert len({response.text for response in responses}) == 1


async def test_a_used_message_id_with_another_body_is_refused(callers: Callers) -> None:
    await callers.channel.post("/api/v1/messages", json=POSTED)
    response = await callers.channel.post("/api/v1/messages", json={**POSTED, "text": "something else"})
    assert response.status_code == 422
    assert response.json()["error"] == "message_id_reused"
    assert response.json()["data"]["fields"] == [{"path": "message_id", "reason": "was used for another message"}]

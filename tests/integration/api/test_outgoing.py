"""What an agent says reaches the other system that the customer came through, once and in order."""

import asyncio
from typing import Any

import pytest

from tests.integration.api.conftest import Callers

pytestmark = pytest.mark.db

OUTGOING = "/api/v1/outgoing"


async def taken(callers: Callers, customer: str, caller: str = "channel") -> int:
    """A conversation with ann."""
    posted = {"customer": customer, "message_id": f"{customer}-1", "text": "人工"}
    conversation: int = (await getattr(callers, caller).post("/api/v1/messages", json=posted)).json()["conversation"]
    await callers.ann.post(f"/api/v1/conversations/{conversation}/take")
    return conversation


async def reply(callers: Callers, conversation: int, text: str) -> dict[str, Any]:
    response = await callers.ann.post(f"/api/v1/conversations/{conversation}/reply", json={"text": text})
    assert response.status_code == 200
    shape: dict[str, Any] = response.json()
    return shape


async def test_an_agents_reply_is_outgoing_and_an_answer_is_not(callers: Callers) -> None:
    conversation = await taken(callers, "C-1")
    said = await reply(callers, conversation, "您好，我是小安。")
    page = (await callers.channel.get(OUTGOING)).json()
    assert page["items"] == [{"customer": "C-1", "conversation": conversation, "message": said}]
    assert (said["author"], said["name"]) == ("agent", "小安")
    later = (await callers.channel.get(OUTGOING, params={"after": page["next_cursor"]})).json()
    assert later == {"items": [], "next_cursor": page["next_cursor"]}


async def test_while_a_person_has_it_posting_returns_no_messages(callers: Callers) -> None:
    await taken(callers, "C-1")
    posted = {"customer": "C-1", "message_id": "C-1-2", "text": "在吗"}
    answer = (await callers.channel.post("/api/v1/messages", json=posted)).json()
    assert (answer["state"], answer["messages"]) == ("taken", [])


async def test_each_system_reads_its_own(callers: Callers) -> None:
    for caller in ("channel", "other_channel"):
        conversation = await taken(callers, "C-1", caller)
        await reply(callers, conversation, caller)
        page = (await getattr(callers, caller).get(OUTGOING)).json()
        assert [item["message"]["text"] for item in page["items"]] == [caller]


async def test_a_waiting_reader_hears_at_once(callers: Callers) -> None:
    conversation = await taken(callers, "C-1")
    waiting = asyncio.create_task(callers.channel.get(OUTGOING, params={"wait": 30}))
    await reply(callers, conversation, "来了")
    async with asyncio.timeout(5):
        page = (await waiting).json()
    assert [item["message"]["text"] for item in page["items"]] == ["来了"]


async def test_a_reader_who_follows_the_cursor_misses_nothing_and_reads_nothing_twice(callers: Callers) -> None:
    conversations = [await taken(callers, f"C-{number}") for number in range(6)]
    read: list[str] = []

    async def follow() -> None:
        after: dict[str, str] = {}
        while len(read) < 60:
            page = (await callers.channel.get(OUTGOING, params={"wait": 5, "limit": 7, **after})).json()
            read.extend(item["message"]["text"] for item in page["items"])
            after = {"after": page["next_cursor"]}

    async def talk(conversation: int) -> None:
        for number in range(10):
            await reply(callers, conversation, f"{conversation}.{number}")

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        for conversation in conversations:
            tasks.create_task(talk(conversation))
    assert sorted(read) == sorted(f"{conversation}.{number}" for conversation in conversations for number in range(10))
    for conversation in conversations:
        ours = [text for text in read if text.startswith(f"{conversation}.")]
        assert ours == [f"{conversation}.{number}" for number in range(10)]

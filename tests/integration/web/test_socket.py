"""A visitor talks over the socket: what she says comes back, what is said to her arrives once."""

import asyncio

import httpx
import pytest

from conversations import repository
from tests.support.app import RunningApp
from tests.support.articles import DELIVERY_ANSWER
from tests.support.web_visitor import new_visitor, visiting

pytestmark = pytest.mark.db

MESSAGE_FIELDS = {
    "type", "id", "seq", "message_id", "author", "name", "kind", "text", "buttons", "attachments", "reply_to",
    "replaces", "delivery", "at",
}  # fmt: skip


async def test_a_question_comes_back_and_is_answered(app: RunningApp) -> None:
    async with visiting(app.url, language="zh") as visitor:
        await visitor.say("多久能送到？", "a1")
        answer = await visitor.sees(DELIVERY_ANSWER)
        assert set(answer) == MESSAGE_FIELDS
        assert [message["message_id"] for message in visitor.by("customer")] == ["a1"]
        assert visitor.state is not None
        assert {**visitor.state} == {"type": "state", "state": "bot", "with": None, "since": None, "answer_by": None}
        seqs = [message["seq"] for message in visitor.messages]
        assert seqs == sorted(seqs)


async def test_a_button_is_pressed(app: RunningApp) -> None:
    async with visiting(app.url, language="zh") as visitor:
        await visitor.say("多久能送到？", "a1")
        answer = await visitor.sees("解决")
        await visitor.send(type="pressed", id="a2", button=answer["buttons"][0]["id"])
        await visitor.until(lambda visitor: any(message["message_id"] == "a2" for message in visitor.messages))
        pressed = next(message for message in visitor.messages if message["message_id"] == "a2")
        assert pressed["text"] == answer["buttons"][0]["label"]


async def test_copies_of_a_frame_count_once(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        for _ in range(5):
            await visitor.say("多久能送到？", "a1")
        await visitor.sees(DELIVERY_ANSWER)
        await visitor.say("人工", "a2")
        await visitor.until(lambda visitor: len(visitor.by("customer")) == 2)
        assert [message["message_id"] for message in visitor.by("customer")] == ["a1", "a2"]


async def test_after_a_loss_only_what_is_new_arrives(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("多久能送到？", "a1")
        await visitor.sees(DELIVERY_ANSWER)
        known = len(visitor.messages)
        await visitor.leave()
        await visitor.connect()
        await visitor.say("几天到", "a2")
        await visitor.until(lambda visitor: len(visitor.by("customer")) == 2)
        await visitor.until(lambda visitor: len(visitor.messages) > known + 1)
        ids = [message["id"] for message in visitor.messages]
        assert len(ids) == len(set(ids))


async def test_twenty_messages_over_a_line_that_breaks_are_each_answered_once(app: RunningApp) -> None:
    """As the page does it: what has not come back is said again, in its order, on the next socket."""
    visitor = await new_visitor(app.url)
    said = [f"a{number}" for number in range(20)]
    for number in range(20):
        await visitor.connect()
        known = {message["message_id"] for message in visitor.messages}
        for message_id in [message_id for message_id in said[: number + 1] if message_id not in known]:
            await visitor.say(f"问题 {message_id}", message_id)
        await visitor.leave()
    await visitor.connect()
    await visitor.until(lambda visitor: len(visitor.by("customer")) == 20)
    assert [message["message_id"] for message in visitor.by("customer")] == said
    seqs = [message["seq"] for message in visitor.messages]
    assert seqs == list(range(1, len(seqs) + 1))
    await visitor.leave()


async def test_an_agents_reply_reaches_the_visitor_under_her_name(app: RunningApp, agent: httpx.AsyncClient) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("人工", "a1")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "waiting")
        taken = await agent.post(f"/api/v1/conversations/{visitor.conversation}/take")
        assert taken.json()["with"] == "小安"
        await visitor.until(lambda visitor: visitor.state and visitor.state["with"] == "小安")
        await agent.post(f"/api/v1/conversations/{visitor.conversation}/reply", json={"text": "我来帮您看。"})
        said = await visitor.sees("我来帮您看。")
        assert (said["author"], said["name"], said["kind"]) == ("agent", "小安", "agent_reply")
        await visitor.say("谢谢", "a2")
        await visitor.until(lambda visitor: visitor.messages[-1]["message_id"] == "a2")
        await agent.post(f"/api/v1/conversations/{visitor.conversation}/hand-back")
        await visitor.until(lambda visitor: visitor.state and visitor.state["state"] == "bot")
        assert visitor.messages[-1]["author"] == "bot"


async def test_two_tabs_see_the_same(app: RunningApp) -> None:
    async with visiting(app.url) as first:
        await first.connect()
        second = type(first)(first.url, first.token, first.conversation)
        await second.connect()
        await second.say("多久能送到？", "b1")
        await asyncio.gather(first.sees(DELIVERY_ANSWER), second.sees(DELIVERY_ANSWER))
        await second.leave()


async def test_how_far_she_has_read_is_kept_and_cannot_run_ahead(app: RunningApp, agent: httpx.AsyncClient) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("多久能送到？", "a1")
        await visitor.sees(DELIVERY_ANSWER)
        for seq in (2, 1, 10**18):
            await visitor.send(type="seen", seq=seq)
        await visitor.say("几天到", "a2")
        await visitor.until(lambda visitor: len(visitor.by("customer")) == 2)
        assert await _seen(app, visitor.conversation) == 2


async def _seen(app: RunningApp, conversation_id: int) -> int:
    async with app.database.read() as session:
        return (await repository.get_conversation(session, conversation_id)).seen_seq


async def test_a_page_that_remembers_more_than_the_shop_still_hears_what_is_new(app: RunningApp) -> None:
    visitor = await new_visitor(app.url)
    await visitor.connect(after=1000)
    await visitor.say("多久能送到？", "a1")
    await visitor.sees(DELIVERY_ANSWER)
    await visitor.leave()

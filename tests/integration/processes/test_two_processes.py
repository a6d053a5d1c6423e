"""Two `kefu run` on one PostgreSQL are one shop: what happens at one is seen at the other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from core.database import Database
from knowledge_base.article_audit import Edit
from knowledge_base.articles import create_article
from knowledge_base.content import ArticleContent
from knowledge_base.values import ArticleStatus
from tests.support.clock import MONDAY_MORNING
from tests.support.databases import PostgresDatabases
from tests.support.measuring import within
from tests.support.program import Program, running_kefu
from tests.support.web_visitor import WebVisitor, browser, visiting

SECRET = "a secret of the tests that is long enough"
#: Questions that have nothing in common, with their answers.
_OPENING = (
    ("When do you open?", "We open at nine."),
    ("Is parking free?", "Parking costs nothing."),
    ("Do dogs get water?", "There is a bowl at the door."),
)
#: The same, where the sample shop answers those already.
_PARROTS = (
    ("May my parrot come along?", "Parrots are welcome."),
    ("Is there a piano in the shop?", "It stands in the back room."),
    ("Do you lend umbrellas?", "They hang beside the door."),
)


LETTERS = {"KEFU_SAMPLE_DATA": "false", "KEFU_EMBEDDER": "none"}
#: As an owner has it: the sample shop behind the packaged models.
MODELS = {"KEFU_SAMPLE_DATA": "true", "KEFU_EMBEDDER": "auto"}


@pytest.fixture
async def two(
    postgres_databases: PostgresDatabases, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Program, Program, str]]:
    """Two programs with data folders of their own, and the database's address."""
    with postgres_databases.fresh() as url:
        settings = {"KEFU_DATABASE_URL": url, "KEFU_SECRET": SECRET, "KEFU_LANGUAGE": "en"}
        settings["KEFU_MESSAGES_PER_MINUTE"] = "1000"  # who waits for an article asks more often than people do
        settings |= getattr(request, "param", LETTERS)
        async with AsyncExitStack() as stack:
            programs = []
            for name in ("first", "second"):
                (tmp_path / name).mkdir()
                programs.append(await stack.enter_async_context(running_kefu(tmp_path / name, **settings)))
            yield programs[0], programs[1], url


async def post(agent: httpx.AsyncClient, path: str, **body: Any) -> None:
    answer = await agent.post(f"/api/v1{path}", json=body or None)
    assert answer.status_code < 400, answer.text


async def test_an_agents_reply_through_one_reaches_the_browser_at_the_other(two: tuple[Program, Program, str]) -> None:
    first, second, _ = two
    key = first.key or second.key
    assert key is not None
    async with visiting(second.url, language="en") as visitor, browser(first.url, key) as agent:
        await visitor.say("person please", "m1")
        await visitor.sees("person please")
        await post(agent, f"/conversations/{visitor.conversation}/take")

        async def reply(number: int) -> float:
            """How many seconds after the agent's program has it the customer does."""
            words = f"Hello from the first house, {number}."
            await post(agent, f"/conversations/{visitor.conversation}/reply", text=words)
            written = monotonic()
            await visitor.sees(words)
            return monotonic() - written

        await within(1.0, reply)


@pytest.mark.parametrize(
    ("two", "articles"),
    [
        pytest.param(LETTERS, _OPENING, id="letters"),
        # Two programs with all models loaded: on a busy machine they wait for the core.
        pytest.param(MODELS, _PARROTS, id="models", marks=pytest.mark.soak),
    ],
    indirect=["two"],
)
async def test_a_published_article_is_answered_by_both_within_two_seconds(
    two: tuple[Program, Program, str], articles: Sequence[tuple[str, str]]
) -> None:
    first, second, url = two
    async with visiting(first.url, language="en") as one, visiting(second.url, language="en") as other:
        for visitor in (one, other):
            await visitor.say("hello", "greeting")
            await visitor.until(lambda v: v.by("bot"))

        async def write_and_ask(number: int) -> float:
            """How many seconds after its publication both give the article as an answer."""
            question, answer = articles[number]
            await publish(url, f"opening-{number}", question, answer)
            published = monotonic()
            await asyncio.gather(*(ask_until_answered(visitor, question, answer) for visitor in (one, other)))
            return monotonic() - published

        await within(2.0, write_and_ask)


async def publish(url: str, key: str, question: str, answer: str) -> None:
    database = Database(url)
    content = ArticleContent(question=question, answer=answer)
    async with database.write() as session:
        edit = Edit(by="test", now=MONDAY_MORNING)
        await create_article(session, key, "en", content, edit, status=ArticleStatus.PUBLISHED)
    await database.close()


async def ask_until_answered(visitor: WebVisitor, question: str, answer: str) -> None:
    """Asks again and again until the answer comes. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while not any(answer in message["text"] for message in visitor.messages):
            before = len(visitor.by("bot"))
            await visitor.say(question, f"question-{len(visitor.messages)}")
            await answered(visitor, more_than=before)


async def answered(visitor: WebVisitor, more_than: int) -> None:
    await visitor.until(lambda v: len(v.by("bot")) > more_than)

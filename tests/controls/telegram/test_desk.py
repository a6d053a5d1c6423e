"""Broken variants of the group: each does what a test of `tests/integration/telegram/test_desk.py` would catch."""

from pathlib import Path

import pytest

from bot.telegram.desk import redoing
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import DeskPayload
from bot.telegram.desk.sending import DeskSender
from bot.telegram.models import DeskGroup, DeskTopic
from conversations.deliveries import Outcome, Refused, SendJob
from conversations.desk import writing
from conversations.desk.undoing import reply_soon
from core.database import Database
from tests.integration.telegram.test_desk_redoing import minutes_pass
from tests.support.knowledge import HandMadeKnowledge
from tests.support.telegram_desk import GROUP, telegram_floor

pytestmark = pytest.mark.telegram
_NOTHING_KNOWN = HandMadeKnowledge((), {})


async def give_up(
    _self: DeskSender, _job: SendJob, _payload: DeskPayload, _topic: DeskTopic | None, refused: Refused
) -> Outcome:
    return refused


async def test_a_sender_that_takes_a_deleted_topic_for_an_answer_loses_words(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeskSender, "_heed_refusal", give_up)
    async with telegram_floor(database, _NOTHING_KNOWN, tmp_path) as floor:
        await floor.customer_says("人工")
        floor.people["sue"].deletes_topic((await floor.shown_topic()).thread_id)
        await floor.customer_says("还在吗")
        assert not any("还在吗" in str(one.get("text")) for one in floor.server.screen(GROUP))


async def test_a_desk_that_asks_only_who_may_speak_sends_whoever_s_words(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "write", reply_soon)
    async with telegram_floor(database, _NOTHING_KNOWN, tmp_path) as floor:
        await floor.customer_says("人工")
        await floor.types("chen", "又是她，烦死了")
        await floor.later()
        assert any("烦死了" in text for text in floor.heard())


async def forget(_office: Office, _group: DeskGroup) -> None: ...


async def test_a_writer_that_takes_what_it_asked_for_as_done_shows_no_card(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redoing, "redo", forget)
    async with telegram_floor(database, _NOTHING_KNOWN, tmp_path) as floor:
        floor.server.fail("reset", chat_id=GROUP, method="sendMessage", times=4)
        floor.anna.says("人工")
        await minutes_pass(floor, 6)
        assert not any("#1001 咨询" in text for text in await floor.words())

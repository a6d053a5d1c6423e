"""Every conversation script, played by somebody in Telegram: polled for, and posted to the webhook."""

from pathlib import Path

import pytest

from conversations.service import Conversations
from core.database import Database
from core.settings import TelegramMode
from tests.conversations.player import Player, add_colleague, client_language
from tests.conversations.script import Script, all_scripts
from tests.support.knowledge import SampleKnowledge, SteeredKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import RunningClock
from tests.support.telegram_door import telegram_script_door

SCRIPTS = all_scripts()


@pytest.fixture(scope="module")
def sample() -> SampleKnowledge:
    return SampleKnowledge.build()


@pytest.mark.parametrize("mode", list(TelegramMode), ids=str)
@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
async def test_the_script_plays_in_telegram(
    script: Script, mode: TelegramMode, database: Database, sample: SampleKnowledge, tmp_path: Path
) -> None:
    clock, knowledge = RunningClock(), SteeredKnowledge(sample)
    await add_colleague(database, clock)
    engine = Conversations(database, clock, knowledge, POLICIES).handle
    language = client_language(script)
    async with telegram_script_door(database, clock, engine, tmp_path, mode, language) as door:
        await Player(database, clock, door, knowledge).play(script)

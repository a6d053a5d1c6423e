"""Every conversation script, played straight into the engine with the sample shop's articles."""

from pathlib import Path

import pytest

from conversations.service import Conversations
from core.database import Database
from tests.conversations.player import Player, add_colleague, client_language
from tests.conversations.script import EXPECTATIONS, Line, Script, all_scripts, carried, read_script
from tests.support.clock import FakeClock
from tests.support.doors import DirectDoor
from tests.support.knowledge import SampleKnowledge, SteeredKnowledge
from tests.support.policies import POLICIES

SCRIPTS = all_scripts()


#: Answers, misses and choices: what the bot says hangs on what is found, not on what is typed.
HANGING_ON_THE_INDEX = (
    "en_first_question",
    "en_missed_twice",
    "en_not_helped",
    "zh_first_question",
    "zh_miss_is_forgotten_after_an_answer",
    "zh_missed_twice",
    "zh_not_helped",
    "zh_sample_shop_question",
)


@pytest.fixture(scope="module")
def knowledge() -> SampleKnowledge:
    return SampleKnowledge.build()


@pytest.fixture(scope="module")
def unfitted() -> SampleKnowledge:
    return SampleKnowledge.unfitted()


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
async def test_the_script_plays(script: Script, database: Database, knowledge: SampleKnowledge) -> None:
    await play(script, database, knowledge)


@pytest.mark.parametrize("name", HANGING_ON_THE_INDEX)
async def test_it_plays_as_well_while_the_index_is_not_yet_fitted(
    name: str, database: Database, unfitted: SampleKnowledge
) -> None:
    [script] = [script for script in SCRIPTS if script.name == name]
    await play(script, database, unfitted)


async def play(script: Script, database: Database, knowledge: SampleKnowledge) -> None:
    clock = FakeClock()
    await add_colleague(database, clock)
    steered = SteeredKnowledge(knowledge)
    # A terminal is nothing that a shop could write to first.
    channel = "web" if any(line.verb == "programme" for line in script.lines) else "terminal"
    engine = Conversations(database, clock, steered, POLICIES)
    door = DirectDoor(database, clock, engine, client_language(script), channel)
    await Player(database, clock, door, steered).play(script)


def test_there_are_at_least_twenty_scripts_in_each_language() -> None:
    for language in ("zh", "en"):
        spoken = [script for script in SCRIPTS if script.lines[0].words == language]
        assert len(spoken) >= 20, f"{language}: {len(spoken)}"


def test_every_script_expects_something() -> None:
    for script in SCRIPTS:
        assert any(line.verb in EXPECTATIONS for line in script.lines), script.name


def test_a_line_that_a_door_lacks_is_left_out_with_the_rest_of_its_paragraph() -> None:
    lines = [Line(1, "customer", "hi", 0), Line(2, "voice", "", 0), Line(3, "bot", "y", 0), Line(5, "bot", "z", 1)]
    assert carried(lines, frozenset({"voice"})) == [lines[0], lines[3]]


def test_a_line_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("# Odd\ncustomer: hi\nrobot: hello\n", "utf-8")
    with pytest.raises(ValueError, match=r"odd\.txt:3"):
        read_script(path)

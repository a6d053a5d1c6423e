"""A script that says something else than what happens fails: whatever the line, at each door and at each desk."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.bootstrap.services import Services
from core.database import Database
from core.errors import KefuError
from tests.conversations import test_desk_scripts, test_scripts_on_doors
from tests.conversations.desk_player import DeskPlayer
from tests.conversations.player import add_colleague
from tests.conversations.script import EXPECTATIONS, Script, read_script
from tests.support.clock import FakeClock
from tests.support.desk_surfaces import ServiceDesk
from tests.support.knowledge import SteeredKnowledge

GOOD = "# Good\nlanguage: zh\ncustomer: 怎么开发票？\nbot: intro.short\nbot: answer.text\n"
GOOD_DESK = "# Good\nlanguage: zh\ncustomer: 人工\nbot: intro.short\nbot: person.passed\ndesk: li take\n"

#: Line -> what is wrong with it, after `GOOD`.
WRONG = {
    "bot: small_talk.bye": "nothing more was said",
    "customer: 谢谢\nbot: small_talk.bye": "another sentence was said",
    "customer: 谢谢": "nobody expected the answer",
    "customer: 谢谢\nsilence:": "there was an answer",
    "buttons: 没有这个按钮": "there is no such button",
    "article: delivery": "it was another article",
    "says: 我们不开发票": "it was not said",
    "says not: 发票": "it was said",
    "heard from: 小李 您好": "no person spoke",
    "state: taken": "nobody has taken it",
    "unanswered: yes": "it was answered",
    "spoken: en": "Chinese was spoken",
    "kept: 怎么退货？": "other words were kept",
    "allows: promotion": "nothing was allowed",
    "tasks: erasure": "nothing was asked for",
    "on file: language=fr": "the file says something else",
    "voucher:": "there is no voucher",
    "grants: voucher issued": "nothing was given",
    "ticket: 1001 status=closed": "there is no such ticket",
    "followed up: birthday answered": "no programme has written",
    "answered: score 5": "nothing was asked",
    # at the desk
    "desk: chen resolve": "nobody expected the refusal",
    "refused: illegal_move": "nothing was refused",
    "noted: 打过电话": "there is no such note",
    "case: question new -": "somebody has taken it",
}
AT_THE_DESK = ("desk", "refused", "noted", "case")
FAILS = (AssertionError, LookupError, KefuError)


def written(folder: Path, text: str) -> Script:
    path = folder / "wrong.txt"
    path.write_text(text, "utf-8")
    return read_script(path)


async def play(script: Script, database: Database, clock: FakeClock, knowledge: SteeredKnowledge) -> None:
    await test_desk_scripts.hire(database, clock)
    await add_colleague(database, clock)
    door = test_desk_scripts.door_of(database, clock, knowledge)
    await DeskPlayer(database, clock, door, knowledge, ServiceDesk(database, clock)).play(script)


def beginning_of(line: str) -> str:
    return GOOD_DESK if line.partition(":")[0] in AT_THE_DESK else GOOD


@pytest.mark.parametrize("beginning", [GOOD, GOOD_DESK])
async def test_what_they_begin_with_is_right(
    beginning: str, database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    await play(written(tmp_path, beginning), database, clock, knowledge)


@pytest.mark.parametrize("line", WRONG, ids=WRONG.values())
async def test_a_wrong_line_fails_the_script(
    line: str, database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    script = written(tmp_path, beginning_of(line) + line)
    with pytest.raises(FAILS):
        await play(script, database, clock, knowledge)


def test_every_kind_of_line_that_expects_something_is_among_them() -> None:
    assert {line.splitlines()[-1].partition(":")[0] for line in WRONG} >= EXPECTATIONS


Door = Callable[[Script, Services, SteeredKnowledge], Awaitable[None]]
DOORS: list[Door] = [
    test_scripts_on_doors.test_a_push_channel,
    test_scripts_on_doors.test_the_terminal,
    test_scripts_on_doors.test_http,
    test_scripts_on_doors.test_the_web_chat,
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("line", ["bot: small_talk.bye", "says: 我们不开发票", "customer: 谢谢"])
async def test_so_it_does_at_each_door(
    door: Door, line: str, services: Services, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        await door(written(tmp_path, GOOD + line), services, knowledge)


Desk = Callable[[Script, Database, FakeClock, SteeredKnowledge, Path], Awaitable[None]]


async def in_the_group(
    script: Script, database: Database, _clock: FakeClock, knowledge: SteeredKnowledge, folder: Path
) -> None:
    try:
        await test_desk_scripts.test_in_the_agents_group(script, database, knowledge, folder)
    except BaseExceptionGroup as error:  # of the tasks around the bot
        raise first_of(error) from None


def first_of(error: BaseException) -> BaseException:
    return first_of(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


DESKS: list[Desk] = [test_desk_scripts.test_over_the_api, test_desk_scripts.test_on_the_pages, in_the_group]


@pytest.mark.parametrize("desk", DESKS)
async def test_and_at_each_desk(
    desk: Desk, database: Database, clock: FakeClock, knowledge: SteeredKnowledge, tmp_path: Path
) -> None:
    script = written(tmp_path, f"{GOOD_DESK}desk: li note 打过电话\nnoted: 没打过电话")
    with pytest.raises(AssertionError, match="打过电话"):
        await desk(script, database, clock, knowledge, tmp_path)

"""Every failure and every entry of a timeline has words for staff, in both languages."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from core.errors import KefuError
from staff.words import error_words, happened_words, known_codes, known_kinds
from tickets.values import EventType

ROOMS = ("core", "staff", "customers", "tickets", "knowledge_base", "conversations", "scheduler", "admin")
#: Programs to be run, which are no modules to read.
RUN = ("__main__", "builder")


def errors(of: type[KefuError] = KefuError) -> Iterator[type[KefuError]]:
    yield of
    for below in of.__subclasses__():
        yield from errors(below)


@pytest.fixture(scope="module")
def codes() -> set[str]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not found.name.endswith(RUN):
                importlib.import_module(found.name)
    return {error.code for error in errors() if error.__module__.partition(".")[0] in ROOMS}


def test_every_failure_has_its_words(codes: set[str]) -> None:
    assert codes - known_codes("zh") == set()
    assert known_codes("zh") == known_codes("en")


def test_every_event_of_a_ticket_has_its_name() -> None:
    assert {kind.value for kind in EventType} - known_kinds("zh") == set()
    assert known_kinds("zh") == known_kinds("en")


def test_what_nobody_named_is_still_said() -> None:
    assert error_words("unheard_of", "zh") == "没有做成。"
    assert happened_words("unheard_of", "zh") == "unheard_of"

"""To whom a ticket is given by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tickets.assignment import Candidate, Needs, choose

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LI = Candidate(1, "li", capacity=5, load=2, language="zh", given_at=NOW)
CHEN = Candidate(2, "chen", capacity=5, load=2, language="en", given_at=NOW)


@pytest.mark.parametrize(
    ("changes", "needs", "winner", "because"),
    [
        # who has room, the one of smaller id where nothing tells them apart
        ({}, Needs(), "li", "load"),
        ({"li": {"load": 5}}, Needs(), "chen", "load"),
        ({"li": {"load": 5}, "chen": {"load": 5}}, Needs(), None, None),
        # the emptier desk, as a share of what one carries
        ({"li": {"capacity": 40, "load": 3}}, Needs(), "li", "load"),
        ({"chen": {"load": 1}}, Needs(), "chen", "load"),
        # who was given one longest ago
        ({"chen": {"given_at": NOW - timedelta(hours=1)}}, Needs(), "chen", "load"),
        ({"chen": {"given_at": None}}, Needs(), "chen", "load"),
        # the language counts more than the load
        ({"chen": {"load": 4}}, Needs(language="en"), "chen", "language"),
        ({"chen": {"load": 5}}, Needs(language="en"), "li", "load"),
        # who knew the customer counts more than the language, and not more than being full
        ({"li": {"knew": True, "load": 4}}, Needs(language="en"), "li", "knew"),
        ({"li": {"knew": True, "load": 5}}, Needs(language="en"), "chen", "language"),
        # only the ticket's team
        ({"li": {"in_team": False}}, Needs(has_team=True), "chen", "load"),
        ({"li": {"in_team": False}, "chen": {"in_team": False}}, Needs(has_team=True), None, None),
        ({"li": {"in_team": False}}, Needs(), "li", "load"),
        # nobody twice who did not react
        ({}, Needs(passed_over=frozenset({"li"})), "chen", "load"),
        ({"li": {"knew": True}}, Needs(passed_over=frozenset({"li", "chen"})), None, None),
    ],
)
def test_who_gets_it(
    changes: dict[str, dict[str, Any]], needs: Needs, winner: str | None, because: str | None
) -> None:
    candidates = [replace(one, **changes.get(one.name, {})) for one in (LI, CHEN)]
    given = choose(candidates, needs)
    assert (given and given.to.name, given and given.because) == (winner, because)

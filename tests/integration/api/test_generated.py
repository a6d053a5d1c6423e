"""Thousands of requests that nobody would write, as each role: no crash, and every answer as OpenAPI says."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    CHECKS,
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.result import Ok

from staff.values import Role
from tests.support.app import make_settings, running_app
from tests.support.databases import SqliteFiles

ROLES = ("channel", "agent", "supervisor", "admin", "nobody")
WANTED = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
#: Of each kind, to each operation; `make soak` sends a hundred thousand a role.
_EXAMPLES = 2


@contextmanager
def serving_apart(database_url: str, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The program on a loop of its own thread: its address, and a key for each role."""
    ready: Future[tuple[str, dict[str, str]]] = Future()
    over: Future[None] = Future()

    async def serve() -> None:
        shop = make_settings(database_url, folder, messages_per_minute=100_000)
        async with running_app(shop, listens=True) as app:
            keys = {role.value: await app.add_staff(f"a {role.value}", role) for role in Role}
            ready.set_result((app.url, keys | {"nobody": "kefu_wrong"}))
            await asyncio.wrap_future(over)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield ready.result(timeout=60)
    finally:
        over.set_result(None)
        thread.join()


@pytest.fixture(scope="module")
def served(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    with sqlite_files.fresh() as url, serving_apart(url, tmp_path_factory.mktemp("shop")) as found:
        yield found


def ask(served: tuple[str, dict[str, str]], roles: Sequence[str], examples: int) -> int:
    """Sends `examples` requests of each kind to every operation, each as every role; how many each role sent."""
    url, keys = served
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    others = [check for check in CHECKS.get_all() if check not in WANTED]
    sent = 0

    def check(case: Any) -> None:
        nonlocal sent
        sent += 1
        if "wait" in (case.query or {}):
            case.query["wait"] = 0
        for role in roles:
            as_role = {"Authorization": f"Bearer {keys[role]}"}
            try:
                case.call_and_validate(headers=as_role, excluded_checks=others, checks=list(WANTED))
            except Exception as error:
                error.add_note(f"asked as {role}")
                raise

    patient = settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        for mode in GenerationMode:
            patient(given(case=result.ok().as_strategy(generation_mode=mode))(check))()
    return sent


def test_no_request_breaks_the_api_or_gets_an_undocumented_answer(served: tuple[str, dict[str, str]]) -> None:
    assert ask(served, ROLES, _EXAMPLES) > 500


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_a_hundred_thousand_requests_a_role(served: tuple[str, dict[str, str]], role: str) -> None:
    url, _ = served
    operations = len(list(schemathesis.openapi.from_url(f"{url}/api/openapi.json").get_all_operations()))
    assert ask(served, (role,), 100_000 // operations // 2 + 1) > 90_000

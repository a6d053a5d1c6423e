"""Every page and form has its row in the permission table, and turns away who may not, route by route."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from admin.pages.site import routes
from staff.permissions import LOWEST, Action, may
from staff.values import Actor, Role
from tests.integration.api.test_permissions import actions_of
from tests.integration.pages.browsing import Browser, signed_in
from tests.support.app import RunningApp, make_settings, running_app
from tests.support.databases import SqliteFiles

#: Whoever comes: signing in and out, and the language of the pages.
OPEN = {"/admin/sign-in", "/admin/sign-out", "/admin/language"}
PATHS = {"number": "1001", "id": "1", "key": "delivery", "held": "1", "name": "ann", "kind": "tickets", "deed": "take"}
PEOPLE = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def app(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    with sqlite_files.fresh() as url:
        settings = make_settings(url, tmp_path_factory.mktemp("roles"))
        async with running_app(settings, with_loops=False) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browsers(app: RunningApp) -> dict[Role, Browser]:
    return {role: await signed_in(app, f"{role.value} here", role) for role in PEOPLE}


def guarded() -> list[tuple[str, APIRoute, Action]]:
    found = []
    for path, route in routes():
        if path not in OPEN:
            (action,) = set(actions_of(route.dependant))
            found.append((path, route, action))
    return found


def method_of(route: APIRoute) -> str:
    return min(route.methods or {"GET"})


def test_every_page_asks_for_one_action_of_the_table() -> None:
    assert len(guarded()) > 60
    assert all(action in LOWEST for _path, _route, action in guarded())


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("role", PEOPLE)
async def test_who_may_not_is_turned_away_from_each_page_and_form(browsers: dict[Role, Browser], role: Role) -> None:
    """Who may gets a page, a word about what is missing, or is sent on: never a refusal of the role."""
    somebody = Actor(1, "somebody", role)
    for path, route, action in guarded():
        method = method_of(route)
        address = path.format_map(PATHS)
        answer = await browsers[role].client.request(method, address, data={} if method == "POST" else None)
        is_refused = answer.status_code == 403 and 'data-code="not_allowed"' in answer.text
        assert is_refused is not may(somebody, action), f"{role.value} {method} {address}: {answer.status_code}"
        assert answer.status_code < 500, f"{method} {address}"


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_gets_further_than_to_the_sign_in(app: RunningApp) -> None:
    nobody = app.client()
    for path, route, _action in guarded():
        method = method_of(route)
        answer = await nobody.request(method, path.format_map(PATHS))
        assert answer.status_code == 303, f"{method} {path}"
        assert answer.headers["location"].startswith("/admin/sign-in"), f"{method} {path}"

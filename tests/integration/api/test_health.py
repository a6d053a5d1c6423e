"""For the machine that watches."""

from pathlib import Path

import pytest

from migrations.runner import migrate
from tests.integration.api.conftest import Callers
from tests.support.app import make_settings, running_app
from tests.support.postgres import run_apart, running_postgres


@pytest.mark.db
async def test_alive_and_ready_without_a_key(callers: Callers) -> None:
    assert (await callers.nobody.get("/health/live")).json() == {"status": "alive"}
    assert (await callers.nobody.get("/health/ready")).json() == {"status": "ready"}


@pytest.mark.db
async def test_metrics_count_requests_by_route_and_show_what_waits(callers: Callers) -> None:
    for number in range(3):
        await callers.ann.get(f"/api/v1/conversations/{number + 1}")
    text = (await callers.nobody.get("/metrics")).text
    counted = 'kefu_http_requests_total{method="GET",route="/conversations/{id}",status="404"} 3.0'
    assert counted in text
    assert 'kefu_inbox_events{state="parked"} 0.0' in text
    assert 'kefu_deliveries{state="unknown"} 0.0' in text
    assert "kefu_sockets 0.0" in text


async def test_while_the_database_is_away_it_says_when_to_ask_again(tmp_path: Path) -> None:
    with running_postgres() as server:
        server.create("shop")
        url = server.url("shop")
        run_apart(migrate(url))
        async with running_app(make_settings(url, tmp_path), with_loops=False) as app, app.client("kefu_any") as client:
            server.stop()
            for path in ("/health/ready", "/api/v1/shop", "/metrics", "/"):
                response = await client.get(path)
                assert response.status_code == 503
                assert response.json()["error"] == "unavailable"
                assert int(response.headers["retry-after"]) > 0
            assert (await client.get("/health/live")).status_code == 200
            server.start()
            assert (await client.get("/health/ready")).status_code == 200

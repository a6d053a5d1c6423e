"""What goes wrong is said in one shape, names the thing, and is never a crash."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from admin.api.context import FAILED_KEYS_PER_MINUTE
from tests.integration.api.conftest import Callers
from tests.support.app import RunningApp, make_settings, running_app

MESSAGES = "/api/v1/messages"
JSON = {"Content-Type": "application/json"}
POSTED = {"customer": "C-1", "message_id": "m-1", "text": "hi"}


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[RunningApp]:
    """Nobody answers: nothing here gets that far."""
    async with running_app(make_settings(database_url, tmp_path), with_loops=False) as running:
        yield running


def check(response: httpx.Response, status: int, code: str, path: str | None = None) -> None:
    body = response.json()
    assert response.status_code == status, response.text
    assert set(body) <= {"error", "detail", "data"}
    assert body["error"] == code
    assert body["detail"]
    if path is not None:
        assert path in [field["path"] for field in body["data"]["fields"]]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("GET", "/api/v1/nowhere", None, 404, "not_found"),
        ("GET", "/api/v1/incidents", None, 404, "not_found"),  # not built yet
        ("PUT", "/api/v1/shop", None, 405, "method_not_allowed"),
        ("DELETE", "/health/live", None, 405, "method_not_allowed"),
        ("POST", MESSAGES, b"{", 400, "bad_request"),
        ("POST", MESSAGES, b"\xff\xfe", 400, "bad_request"),
        ("POST", MESSAGES, b"[" * 100_000, 400, "bad_request"),
        ("POST", MESSAGES, b'{"a": ' + b"9" * 5000 + b"}", 400, "bad_request"),
        ("POST", MESSAGES, b"x" * 1_000_001, 413, "too_large"),
        ("GET", "/api/v1/conversations/1", None, 404, "not_found"),
        ("GET", f"/api/v1/conversations/{10**18}", None, 404, "not_found"),
        ("GET", f"/api/v1/conversations/{10**18}/messages", None, 404, "not_found"),
        ("GET", f"/api/v1/conversations/{10**30}", None, 422, "invalid_input"),
        ("GET", f"/api/v1/conversations/{'9' * 5000}", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations/0", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations/x", None, 422, "invalid_input"),
        ("POST", f"/api/v1/conversations/{10**18}/take", None, 404, "not_found"),
        ("POST", f"/api/v1/deliveries/{10**18}/resend", None, 404, "delivery_not_found"),
        ("POST", f"/api/v1/inbox/{10**18}/retry", None, 404, "event_not_found"),
        ("GET", "/api/v1/articles/%00", None, 422, "invalid_input"),
        ("GET", "/api/v1/search?q=%00", None, 422, "invalid_input"),
        ("GET", "/api/v1/search", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations?limit=201", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations?limit=0", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations?state=lost", None, 422, "invalid_input"),
        ("GET", f"/api/v1/conversations?customer={10**30}", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations?cursor=nonsense", None, 422, "invalid_input"),
        ("GET", "/api/v1/conversations?cursor=%F0%9F%8D%B5", None, 422, "invalid_input"),
        ("GET", "/api/v1/outgoing?after=bm9wZTox", None, 422, "invalid_input"),
        ("GET", f"/api/v1/conversations/1/messages?after={10**30}", None, 422, "invalid_input"),
    ],
)
async def test_a_wrong_request_is_told_so(
    callers: Callers, method: str, path: str, content: bytes | None, status: int, code: str
) -> None:
    check(await callers.admin.request(method, path, content=content, headers=JSON if content else None), status, code)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"customer": None}, "customer"),
        ({"customer": ""}, "customer"),
        ({"customer": "  "}, "customer"),
        ({"customer": "C\x00"}, "customer"),
        ({"customer": "C" * 121}, "customer"),
        ({"message_id": "m\n1"}, "message_id"),
        ({"message_id": 7}, "message_id"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "bell\x07"}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"text": ["hi"]}, "text"),
        ({"language": "klingon"}, "language"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"attachments": "a photo"}, "attachments"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_wrong_field_is_named(callers: Callers, change: dict[str, Any], path: str) -> None:
    check(await callers.channel.post(MESSAGES, json=POSTED | change), 422, "invalid_input", path)


async def test_half_a_character_is_refused_and_breaks_nothing(callers: Callers) -> None:
    for body in (b'{"customer": "C", "message_id": "m", "text": "\\ud800"}', b'{"\\ud800": 1}'):
        response = await callers.channel.post(MESSAGES, content=body, headers=JSON)
        assert response.status_code == 422
        assert response.json()["error"] == "invalid_input"


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
async def test_another_content_type_is_refused(callers: Callers, media: str | None) -> None:
    headers = {"Content-Type": media} if media else {}
    check(await callers.channel.post(MESSAGES, content=b"{}", headers=headers), 415, "unsupported_media_type")


async def test_a_streamed_body_is_counted(callers: Callers) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100_000

    check(await callers.channel.post(MESSAGES, content=chunks(), headers=JSON), 413, "too_large")


async def test_without_a_key_or_with_a_wrong_one_nobody_gets_in(callers: Callers) -> None:
    check(await callers.nobody.get("/api/v1/shop"), 401, "unauthorised")
    for header in ("Bearer nonsense", "Bearer ", "Basic abc", "nonsense", "Bearer \xe9"):
        response = await callers.nobody.get("/api/v1/shop", headers=[(b"authorization", header.encode("latin-1"))])
        check(response, 401, "unauthorised")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_wrong_keys_are_slowed_down_and_right_ones_are_not(callers: Callers) -> None:
    wrong = {"Authorization": "Bearer kefu_wrong"}
    for _ in range(FAILED_KEYS_PER_MINUTE):
        await callers.nobody.get("/api/v1/shop", headers=wrong)
    response = await callers.nobody.get("/api/v1/shop", headers=wrong)
    check(response, 429, "limit_exceeded")
    assert 0 < int(response.headers["retry-after"]) <= 60
    assert (await callers.ann.get("/api/v1/shop")).status_code == 200


async def test_somebody_disabled_is_out_at_once(callers: Callers) -> None:
    from staff import service

    async with callers.app.database.write() as session:
        await service.disable(session, "ann", by="test", now=callers.app.clock.now())
    check(await callers.ann.get("/api/v1/shop"), 401, "unauthorised")


async def test_answers_carry_headers_that_keep_browsers_careful(callers: Callers) -> None:
    response = await callers.ann.get("/api/v1/shop")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    page = (await callers.nobody.get("/")).headers["content-security-policy"]
    assert "script-src 'self'" in page
    assert "unsafe" not in page
    docs = (await callers.nobody.get("/api/docs")).text
    assert "<script" not in docs
    assert not re.search(r"(src|href)=.(https?:)?//", docs)


async def test_a_misspelt_filter_is_refused_and_an_empty_one_is_none(callers: Callers) -> None:
    misspelt = await callers.ann.get("/api/v1/conversations?stat=waiting")
    check(misspelt, 422, "invalid_input", "stat")
    assert "did you mean state?" in misspelt.json()["detail"]
    empty = await callers.ann.get("/api/v1/conversations?state=waiting&channel=&customer=&unanswered=true")
    assert empty.json() == {"items": [], "next_cursor": None}
    assert (await callers.channel.get("/api/v1/outgoing?after=&wait=")).status_code == 200

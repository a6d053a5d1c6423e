"""Who may come in over the socket, and who is sent away."""

from pathlib import Path

import pytest

from tests.support.app import RunningApp, make_settings, running_app
from tests.support.web_visitor import WebVisitor, browser, new_visitor, visiting


@pytest.mark.db
async def test_a_wrong_token_is_closed_with_4401(app: RunningApp) -> None:
    good = await new_visitor(app.url)
    nonce, _, signature = good.token.partition(".")
    for token in ("", "x", f"{nonce}.{'0' * len(signature)}", f"x{good.token}", "茶" * 20, "a" * 1000):
        visitor = WebVisitor(app.url, token, 0)
        await visitor.connect()
        assert await visitor.is_closed() == 4401
    await good.open_socket()
    await good.send(type="said", id="1", text="hello")
    assert await good.is_closed() == 4401


@pytest.mark.db
async def test_a_token_that_was_ended_opens_nothing_and_closes_its_sockets(app: RunningApp) -> None:
    async with visiting(app.url) as visitor, browser(app.url) as client:
        await visitor.until(lambda visitor: visitor.state)
        response = await client.delete("/chat/session", headers={"Authorization": f"Bearer {visitor.token}"})
        assert response.status_code == 204
        assert await visitor.is_closed() == 4401
        await visitor.connect()
        assert await visitor.is_closed() == 4401
        again = await client.delete("/chat/session", headers={"Authorization": f"Bearer {visitor.token}"})
        assert again.status_code == 401


@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example:8000", "null"])
async def test_a_foreign_page_is_closed_with_4403(app: RunningApp, origin: str) -> None:
    visitor = await new_visitor(app.url)
    await visitor.open_socket(origin)
    assert await visitor.is_closed() == 4403
    async with browser(app.url) as client:
        response = await client.post("/chat/session", json={}, headers={"Origin": origin})
    assert response.status_code == 403
    assert response.json()["error"] == "foreign_page"


async def test_the_shops_own_page_is_welcome_at_its_public_address_too(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(database_url, tmp_path, public_url="https://chat.example.com")
    async with running_app(settings, listens=True) as app:
        for origin in (app.url, "https://chat.example.com"):
            visitor = await new_visitor(app.url)
            await visitor.connect(origin=origin)
            await visitor.until(lambda visitor: visitor.state)
            await visitor.leave()


async def test_one_message_too_many_is_refused_by_name_and_a_flood_is_closed_with_4429(
    database_url: str, tmp_path: Path
) -> None:
    settings = make_settings(database_url, tmp_path, messages_per_minute=3)
    async with running_app(settings, listens=True) as app, visiting(app.url) as visitor:
        for number in range(4):
            await visitor.say(f"问题 {number}", f"a{number}")
        await visitor.until(lambda visitor: visitor.errors)
        (error,) = visitor.errors
        assert (error["error"], error["id"]) == ("limit_exceeded", "a3")
        assert 0 < error["retry_after"] <= 60
        await visitor.say("问题 0", "a0")  # a copy does not count
        for number in range(40):
            await visitor.say("flood", f"f{number}")
        assert await visitor.is_closed() == 4429


async def test_an_address_has_ten_times_the_share_of_a_visitor(database_url: str, tmp_path: Path) -> None:
    async with running_app(make_settings(database_url, tmp_path, messages_per_minute=1), listens=True) as app:
        visitors = [await new_visitor(app.url) for _ in range(10)]
        async with browser(app.url) as client:
            response = await client.post("/chat/session", json={})
        assert response.status_code == 429
        assert 0 < int(response.headers["retry-after"]) <= 60
        for visitor in visitors:
            await visitor.connect()
            await visitor.say("你好", "a1")
            await visitor.until(lambda visitor: visitor.by("customer"))
            await visitor.leave()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("no json", None),
        ("[]", None),
        ('{"type": "unknown"}', None),
        ('{"type": "said", "id": "x1", "text": 7}', "x1"),
        ('{"type": "said", "id": "x2", "text": "hi", "more": 1}', "x2"),
        ('{"type": "said", "id": "x3", "text": "' + "a" * 20_001 + '"}', "x3"),
        ('{"type": "said", "id": "", "text": "hi"}', ""),
        ('{"type": "said", "id": "x\\u0000", "text": "hi"}', "x\x00"),
        ('{"type": "said", "id": "x4", "text": "\\ud800"}', "x4"),
        ('{"type": "pressed", "id": "x5"}', "x5"),
        ('{"type": "seen", "seq": -1}', None),
        ('{"type": "hello", "token": "again"}', None),
        ("[" * 100_000, None),
    ],
)
async def test_a_wrong_frame_is_answered_with_an_error_and_the_talk_goes_on(
    app: RunningApp, text: str, about: str | None
) -> None:
    async with visiting(app.url) as visitor:
        await visitor.send_text(text)
        await visitor.until(lambda visitor: visitor.errors)
        assert visitor.errors[0]["error"] == "invalid_input"
        assert visitor.errors[0]["id"] == about
        await visitor.say("你好", "ok")
        await visitor.until(lambda visitor: visitor.by("customer"))


async def test_control_characters_are_taken_out_and_the_words_stay(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.say("多久\x00能\x07送到\r\n？", "a1")
        await visitor.until(lambda visitor: visitor.by("customer"))
        assert visitor.by("customer")[0]["text"] == "多久能送到\n？"


async def test_a_frame_of_a_megabyte_ends_the_socket(app: RunningApp) -> None:
    async with visiting(app.url) as visitor:
        await visitor.send_text('{"type": "said", "id": "big", "text": "' + "a" * 300_000 + '"}')
        assert await visitor.is_closed() == 1009

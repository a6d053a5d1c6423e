"""The server in a process of its own, driven from outside."""

import base64

import httpx
import pytest

from tests.telegram_server.client import telegram_process
from tests.telegram_server.server import TOKEN


def test_a_conversation_with_a_server_in_another_process() -> None:
    with telegram_process() as server:
        done = server.control("act", does="says", user={"user_id": 71}, text="tea?")
        server.control(
            "act", does="sends_file", user={"user_id": 71}, kind="photo", content=base64.b64encode(b"x").decode()
        )
        updates = httpx.post(f"{server.url}/bot{TOKEN}/getUpdates").json()["result"]
        assert [update["update_id"] for update in updates] == [done["update_id"], done["update_id"] + 1]
        server.control("fail", kind="server_error", times=1)
        for _ in range(2):
            httpx.post(f"{server.url}/bot{TOKEN}/sendMessage", json={"chat_id": 71, "text": "Yes"})
        assert server.texts(71) == ["Yes"]
        assert [call["status"] for call in server.control("calls")] == [200, 500, 200]
        assert server.control("violations") == []
        server.control("forward", hours=25)
        assert server.control("state")["waiting"] == []
        assert [message.get("text") for message in server.control("screen", chat_id=71)] == ["tea?", None, "Yes"]
        with pytest.raises(AssertionError, match="KeyError"):
            server.control("screen", chat_id=404)

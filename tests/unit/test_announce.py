"""What `kefu run` greets its owner with."""

from bot.bootstrap.started import Started
from bot.cli.announce import lines
from core.settings import load_settings


def announced(started: Started, environment: dict[str, str]) -> str:
    return "\n".join(lines(load_settings({}), started, environment))


def test_the_address_and_the_key_are_shown() -> None:
    text = announced(Started(port=8000, key="kefu_abc"), {})
    assert "http://127.0.0.1:8000/" in text
    assert "http://127.0.0.1:8000/admin" in text
    assert "kefu_abc" in text


def test_on_a_server_without_a_screen_the_tunnel_is_shown() -> None:
    assert "ssh -L 8000:127.0.0.1:8000" in announced(Started(port=8000), {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"})
    assert "ssh -L" not in announced(Started(port=8000), {})


def test_a_sample_shop_says_what_to_ask_and_how_to_leave_it() -> None:
    text = announced(Started(port=8000, is_sample=True), {})
    assert "龙井怎么泡" in text
    assert "--replace-sample" in text

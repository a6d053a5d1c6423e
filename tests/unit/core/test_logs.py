"""What a log line shows, and what it must not."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core.logs import configure_logs, redact
from core.settings import LogFormat

TOKEN = "123456789:AAEabcdefghijklmnopqrstuvwxyz0123456"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        # the bot's id stays, so that one knows which bot it was
        (f"GET /bot{TOKEN}/getMe", "GET /bot123456789:[token]/getMe"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [key]"),
        ("key kefu_AbCdEfGhIjKlMnOpQrStUvWx12345678 revoked", "key [key] revoked"),
        ("/files/7?token=abc&size=2", "/files/7?token=[hidden]&size=2"),
        ("postgresql+asyncpg://kefu:hunter2@db/kefu", "postgresql+asyncpg://kefu:[password]@db/kefu"),
        ("from lin.mei+tea@example.co.uk today", "from [email] today"),
        # phones as people write them, also right beside Chinese characters
        ("电话13800138000谢谢", "电话[phone]谢谢"),
        ("138 0013 8000", "[phone]"),
        ("+86 138-0013-8000", "[phone]"),
        ("8613800138000", "[phone]"),
        ("0571-87654321", "[phone]"),
        ("+1 (604) 555-0133", "[phone]"),
        ("604-555-0133", "[phone]"),
        ("(604) 555-0133", "[phone]"),
        # ids, times, addresses and versions are no phones
        ("chat 7123456789", "chat 7123456789"),
        ("chat -1001234567890", "chat -1001234567890"),
        ("order 20261122138001380001", "order 20261122138001380001"),
        ("0190a3f2-1c1c-7abc-8def-13812345678a", "0190a3f2-1c1c-7abc-8def-13812345678a"),
        ("2026-11-22T05:11:22.138001Z", "2026-11-22T05:11:22.138001Z"),
        ("listening on 192.168.100.1000:8000", "listening on 192.168.100.1000:8000"),
        ("took 0.13800138000 s", "took 0.13800138000 s"),
    ],
)
def test_contact_data_and_secrets_are_taken_out_of_text(written: str, shown: str) -> None:
    assert redact(written) == shown


def logged(log_format: LogFormat) -> io.StringIO:
    stream = io.StringIO()
    configure_logs(log_format, stream=stream)
    return stream


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_a_machine_reads_one_json_object_a_line_with_ids_kept_and_the_rest_hidden() -> None:
    stream = logged(LogFormat.JSON)
    structlog.get_logger("kefu.inbox").info(
        "event_parked", chat_id="13800138000", event_id=13800138000, api_key="k", data={"phones": ["13800138000"]}
    )
    line = json.loads(stream.getvalue())
    assert line["event"] == "event_parked"
    assert (line["chat_id"], line["event_id"]) == ("13800138000", 13800138000)
    assert (line["api_key"], line["data"]) == ("[hidden]", {"phones": ["[phone]"]})


@pytest.mark.parametrize("log_format", LogFormat)
def test_libraries_and_tracebacks_pass_the_same_redactor(log_format: LogFormat) -> None:
    stream = logged(log_format)
    logging.getLogger("some.library").warning("retrying https://api/bot%s/sendMessage", TOKEN)
    try:
        raise ConnectionError(f"cannot reach /bot{TOKEN}/getUpdates for lin@example.com")
    except ConnectionError:
        structlog.get_logger("kefu").exception("poll_failed")
    assert "AAEabc" not in stream.getvalue()
    assert "lin@example.com" not in stream.getvalue()
    assert "ConnectionError" in stream.getvalue()

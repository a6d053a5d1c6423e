"""Structured logs: one line an event, for people or for machines, with secrets and contact data taken out.

Every line, our own and the libraries', passes `redact`. Ids stay, so that a line can be followed up in the database;
what customers write is not logged in the first place.
"""

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.settings import LogFormat

_HIDDEN = "[hidden]"
_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie|api_?key|signature", re.IGNORECASE)
_ID_NAMES = re.compile(r"(^|_)id$")
#: Chatty at INFO without telling anything that our own lines do not.
_QUIET = ("aiogram", "aiosqlite", "alembic", "apscheduler", "asyncio", "sqlalchemy", "uvicorn.access", "websockets")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # Telegram: the bot's id stays, what follows the colon opens the bot.
        (r"(?<![0-9])([0-9]{5,}):[a-z0-9_-]{30,}", r"\1:[token]"),
        (r"\b(bearer|basic)\s+[^\s\"',]+", r"\1 [key]"),
        (r"\bkefu_[a-z0-9_]*?[a-z0-9_-]{16,}", "[key]"),
        (r"([?&](?:token|key|secret|signature|code)=)[^&\s\"']+", r"\1" + _HIDDEN),
        # The password within an address of a database or a proxy.
        (r"(://[^\s:/@]*):[^\s/]+@", r"\1:[password]@"),
        (r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", "[email]"),
        # Phone numbers: with a plus; Chinese mobiles and landlines; North American ones with separators. Bare runs of
        # digits of another length are ids, and stay.
        (r"(?<![\w+])\+[0-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])", "[phone]"),
        (r"(?<![a-z0-9_.-])(?:86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![a-z0-9_])", "[phone]"),
        (r"(?<![a-z0-9_.-])0[0-9]{2,3}[ -][0-9]{7,8}(?![a-z0-9_-])", "[phone]"),
        (r"(?<![a-z0-9_.-])(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4}(?![a-z0-9_-])", "[phone]"),
    )
)


def redact(text: str) -> str:
    """`text` without tokens, keys, passwords, phone numbers and e-mail addresses."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_event(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """The structlog step that redacts a whole event: by the name of a field, then by the look of its text."""
    return {name: _redact_field(name, value) for name, value in event.items()}


def _without_colours(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """uvicorn says each of its lines a second time, with colours."""
    event.pop("color_message", None)
    return event


def _redact_field(name: str, value: object) -> Any:
    if _SECRET_NAMES.search(name) and value is not None:
        return _HIDDEN
    if _ID_NAMES.search(name) and isinstance(value, str | int):
        return value
    return _redact_value(value)


def _redact_value(value: object) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: _redact_field(str(key), item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [_redact_value(item) for item in value]
    return redact(str(value))


def configure_logs(log_format: LogFormat, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sends every log of the process, the libraries' too, to `stream` (stderr by default) in `log_format`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(log_format, shared, colors=target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _formatter(log_format: LogFormat, shared: list[Processor], colors: bool) -> logging.Formatter:
    machine = log_format is LogFormat.JSON
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if machine
        else structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_colours,
            # Tracebacks become text before the redactor, so that a token in one is hidden too.
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
    )

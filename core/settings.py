"""What the owner of an installation sets: variables `KEFU_*`, from the environment and from `.env` beside it.

A field's description completes the sentence "KEFU_X must be ..."; it is the remedy of every complaint about the field.
"""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "KEFU_"
_DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
_BOT_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET_LENGTH = 32
_NEVER_SHOWN = ("database_url", "secret", "telegram_token")


class SettingsError(Exception):
    """A setting is wrong. The text is one line that names the variable and says what to do; it holds no secret."""


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class TelegramMode(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class EmbedderChoice(StrEnum):
    AUTO = "auto"
    FASTEMBED = "fastembed"
    NONE = "none"


def _zone(name: object) -> ZoneInfo:
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("unknown zone") from error


def _database(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("no address") from error
    if parsed.drivername not in _DRIVERS or not parsed.database or parsed.database == ":memory:":
        raise ValueError("another driver, or no database")
    return url


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("no web address")
    return url.rstrip("/")


def _origins(given: object) -> tuple[str, ...]:
    """`https://shop.example, ...` as browsers write them in `Origin`: without a path, in small letters."""
    if not isinstance(given, str):
        raise ValueError("no list of sites")
    sites = [one.strip().rstrip("/").lower() for one in given.split(",") if one.strip()]
    for site in sites:
        parts = urlsplit(_web_address(site))
        if parts.path or parts.username or any(mark in site for mark in "*;' \""):
            raise ValueError("more than the site")
    return tuple(sites)


def _bot_token(token: SecretStr) -> SecretStr:
    if not _BOT_TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("no bot token")
    return token


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseModel):
    """One installation's settings. Immutable; built by `load_settings`, passed on by name.

    Each field is the variable of the same name in capitals with the prefix. Paths are as given; `database_url` is
    always filled in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(Path("./data"), description="a directory that Kefu may write to")
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "",
        repr=False,
        description="sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE",
    )
    secret: SecretStr | None = Field(
        None,
        min_length=_SECRET_LENGTH,
        description=f"a random text of {_SECRET_LENGTH} characters or more (PostgreSQL requires one)",
    )
    host: str = Field("127.0.0.1", description="the address that HTTP listens on, such as 127.0.0.1 or 0.0.0.0")
    port: int = Field(8000, ge=0, le=65535, description="a port number from 1 to 65535, or 0 for any free one")
    public_url: WebAddress | None = Field(None, description="the outside address, such as https://chat.example.com")
    language: Language = Field(Language.ZH, description="zh or en")
    staff_language: Language | None = Field(None, description="zh or en")
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        ZoneInfo("Asia/Shanghai"), description="a time zone's name, such as Asia/Shanghai or America/Vancouver"
    )
    messages_per_minute: int = Field(20, ge=1, le=100_000, description="a whole number from 1 to 100000")
    sample_data: bool = Field(True, description="true or false")
    log_format: LogFormat = Field(LogFormat.CONSOLE, description="console or json")
    telegram_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = Field(
        None, description="the token that @BotFather gave, such as 123456789:AAE..."
    )
    telegram_api_url: WebAddress | None = Field(
        None, description="the address of a Bot API server, such as http://127.0.0.1:8081"
    )
    telegram_mode: TelegramMode = Field(
        TelegramMode.POLLING, description="polling, or webhook together with KEFU_PUBLIC_URL"
    )
    telegram_desk_chat_id: int | None = Field(
        None, lt=0, gt=-(2**53), description="the id of the agents' group, a number such as -1001234567890"
    )
    widget_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = Field(
        (), description="sites that may show the chat, as https://shop.example,https://www.shop.example"
    )
    scheduler: bool = Field(True, description="true or false")
    embedder: EmbedderChoice = Field(EmbedderChoice.AUTO, description="auto, fastembed or none")
    keep_raw_days: int = Field(30, ge=1, le=36_500, description="a number of days from 1 to 36500")
    keep_questions_days: int = Field(365, ge=1, le=36_500, description="a number of days from 1 to 36500")
    keep_files_days: int = Field(180, ge=1, le=36_500, description="a number of days from 1 to 36500")
    keep_chats_days: int = Field(730, ge=1, le=36_500, description="a number of days from 1 to 36500")
    four_eyes: bool = Field(False, description="true or false")

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """The database lies in the data directory unless an address was given."""
        if not isinstance(given, Mapping) or given.get("database_url"):
            return given
        folder = Path(given.get("data_dir") or cls.model_fields["data_dir"].default)
        return {**given, "database_url": f"sqlite+aiosqlite:///{folder / 'kefu.db'}"}

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.secret is None and not self.is_sqlite:
            raise SettingsError(_must_be("secret", "is missing"))
        if self.telegram_mode is TelegramMode.WEBHOOK and self.public_url is None:
            raise SettingsError(_must_be("public_url", "is missing, and KEFU_TELEGRAM_MODE=webhook needs it"))
        return self

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def variable(field: str) -> str:
    """The environment variable of a field: `port` -> `KEFU_PORT`."""
    return PREFIX + field.upper()


def load_settings(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """The settings in `environment` (default: this process's own), over those of `.env` in `directory` (default: here).

    An empty value counts as unset.

    Raises:
        SettingsError: a wrong value, or a `KEFU_` variable that does not exist.
    """
    in_file = _read_file((directory or Path.cwd()) / ".env")
    given = _ours(in_file) | _ours(os.environ if environment is None else environment)
    _refuse_unknown(given)
    try:
        return Settings.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in given.items()})
    except ValidationError as error:
        raise SettingsError(_in_words(error)) from None


def _read_file(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({type(error).__name__}): make it a text file in UTF-8") from None


def _ours(environment: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(PREFIX) and value and value.strip()}


def _refuse_unknown(names: Iterable[str]) -> None:
    known = [variable(field) for field in Settings.model_fields]
    for name in sorted(set(names) - set(known)):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "remove it; .env.example lists all"
        raise SettingsError(f"{name} is not a setting of Kefu: {hint}")


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        _must_be(field, "has a wrong form" if field in _NEVER_SHOWN else f"is {problem['input']!r}")
        for problem in error.errors(include_url=False, include_context=False)
        for field in [str(problem["loc"][0])]
    )


def _must_be(field: str, trouble: str) -> str:
    return f"{variable(field)} {trouble}: it must be {Settings.model_fields[field].description}"

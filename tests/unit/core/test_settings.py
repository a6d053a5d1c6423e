"""The owner of an installation sets something, rightly or wrongly."""

import re
from pathlib import Path

import pytest

from core.settings import Language, LogFormat, Settings, SettingsError, load_settings, variable

ROOT = Path(__file__).parents[3]
SECRET = "s" * 32
POSTGRES = "postgresql+asyncpg://kefu:hunter2@db.example/kefu"


def load(tmp_path: Path, **environment: str) -> Settings:
    return load_settings(environment, tmp_path)


def test_nothing_set_gives_a_shop_in_chinese_on_sqlite_in_the_data_directory(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.language, settings.timezone.key, settings.port) == (Language.ZH, "Asia/Shanghai", 8000)
    assert settings.database_url == "sqlite+aiosqlite:///data/kefu.db"


def test_the_database_moves_with_the_data_directory(tmp_path: Path) -> None:
    assert load(tmp_path, KEFU_DATA_DIR="/srv/kefu").database_url == "sqlite+aiosqlite:////srv/kefu/kefu.db"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        # no such port
        ({"KEFU_PORT": "99999"}, "KEFU_PORT is '99999': it must be a port number"),
        # a line break in a value does not make two lines of the complaint
        ({"KEFU_PORT": "80\n80"}, "KEFU_PORT is '80\\n80'"),
        ({"KEFU_LANGUAGE": "fr"}, "KEFU_LANGUAGE is 'fr': it must be zh or en"),
        ({"KEFU_TIMEZONE": "Asia/Hangzhou"}, "KEFU_TIMEZONE is 'Asia/Hangzhou'"),
        # a zone is a name, never a path
        ({"KEFU_TIMEZONE": "../../etc/passwd"}, "KEFU_TIMEZONE"),
        ({"KEFU_MESSAGES_PER_MINUTE": "0"}, "KEFU_MESSAGES_PER_MINUTE"),
        ({"KEFU_SAMPLE_DATA": "maybe"}, "KEFU_SAMPLE_DATA is 'maybe': it must be true or false"),
        ({"KEFU_LOG_FORMAT": "xml"}, "KEFU_LOG_FORMAT"),
        # another database
        ({"KEFU_DATABASE_URL": "mysql://kefu@db/kefu"}, "KEFU_DATABASE_URL has a wrong form"),
        # a driver that does not work with asyncio
        ({"KEFU_DATABASE_URL": "sqlite:///kefu.db"}, "KEFU_DATABASE_URL has a wrong form"),
        # every connection would see another database
        ({"KEFU_DATABASE_URL": "sqlite+aiosqlite:///:memory:"}, "KEFU_DATABASE_URL"),
        ({"KEFU_DATABASE_URL": "nonsense"}, "KEFU_DATABASE_URL"),
        # several processes cannot share a key file
        ({"KEFU_DATABASE_URL": POSTGRES}, "KEFU_SECRET is missing"),
        ({"KEFU_SECRET": "short"}, "KEFU_SECRET has a wrong form: it must be a random text of 32 characters"),
        ({"KEFU_TELEGRAM_TOKEN": "no token"}, "KEFU_TELEGRAM_TOKEN has a wrong form"),
        ({"KEFU_TELEGRAM_MODE": "webhook"}, "KEFU_PUBLIC_URL is missing"),
        ({"KEFU_PUBLIC_URL": "chat.example.com"}, "KEFU_PUBLIC_URL is 'chat.example.com'"),
        # a slip of the finger
        ({"KEFU_PROT": "9000"}, "KEFU_PROT is not a setting of Kefu: did you mean KEFU_PORT?"),
        # nothing is near
        ({"KEFU_ZZZZZZZZ": "1"}, "KEFU_ZZZZZZZZ is not a setting of Kefu: remove it"),
        # two at once are named at once
        ({"KEFU_PORT": "x", "KEFU_LANGUAGE": "fr"}, "KEFU_LANGUAGE"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, wrong: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as complaint:
        load(tmp_path, **wrong)
    assert named in str(complaint.value)
    assert "\n" not in str(complaint.value)


@pytest.mark.parametrize("name", ["KEFU_SECRET", "KEFU_TELEGRAM_TOKEN", "KEFU_DATABASE_URL"])
def test_a_wrong_secret_is_not_repeated(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError) as complaint:
        load(tmp_path, **{name: "hunter2"})
    assert "hunter2" not in str(complaint.value)


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = load(tmp_path, KEFU_DATABASE_URL=POSTGRES, KEFU_SECRET=SECRET, KEFU_TELEGRAM_TOKEN="12345:abcdef")
    assert not re.search("hunter2|sss|abcdef", f"{settings!r} {settings}")


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert load(tmp_path, KEFU_PORT="", KEFU_SECRET=" ").port == 8000


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEFU_PORT=9000\nKEFU_LOG_FORMAT=json\nOTHER=1\n", encoding="utf-8")
    settings = load(tmp_path, KEFU_PORT="9001")
    assert (settings.port, settings.log_format) == (9001, LogFormat.JSON)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("KEFU_HOST=主机".encode("gbk"))
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load(tmp_path)


def test_the_example_file_lists_exactly_the_settings_with_their_defaults(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^#(KEFU_\w+)=(.*)$", example, re.MULTILINE))
    assert set(listed) == {variable(field) for field in Settings.model_fields}
    assert load(tmp_path, **listed) == load(tmp_path)

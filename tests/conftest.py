"""What every test may ask for by name. A test marked `db` that asks for a database runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from core.database import Database
from migrations.runner import migrate
from tests.support.clock import FakeClock
from tests.support.databases import DatabaseKind, PostgresDatabases, SqliteFiles
from tests.support.postgres import PostgresServer, run_apart, running_postgres


def pytest_configure() -> None:
    """Tracebacks in logs as Python prints them: drawing them with all their variables takes a second each."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        on_both = metafunc.definition.get_closest_marker("db") is not None
        kinds = list(DatabaseKind) if on_both else [DatabaseKind.SQLITE]
        metafunc.parametrize("database_kind", kinds, ids=str, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("db") and "database_kind" not in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid} is marked `db` and asks for no database: it would run on none")


def _migrate(url: str) -> None:
    run_apart(migrate(url))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL; a test that stops it starts one of its own with `running_postgres()`."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"), _migrate)


@pytest.fixture(scope="session")
def postgres_databases(postgres: PostgresServer) -> PostgresDatabases:
    return PostgresDatabases(postgres, _migrate)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> DatabaseKind:
    return DatabaseKind(request.param)


@pytest.fixture
def databases(database_kind: DatabaseKind, request: pytest.FixtureRequest) -> SqliteFiles | PostgresDatabases:
    name = "sqlite_files" if database_kind is DatabaseKind.SQLITE else "postgres_databases"
    found: SqliteFiles | PostgresDatabases = request.getfixturevalue(name)
    return found


@pytest.fixture
def database_url(databases: SqliteFiles | PostgresDatabases) -> Iterator[str]:
    """The address of a fresh database with the newest schema."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(databases: SqliteFiles | PostgresDatabases) -> Iterator[str]:
    """The address of a fresh database without a table."""
    with databases.fresh(migrated=False) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()

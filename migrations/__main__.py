"""`python -m migrations "Add a table."`: writes the migration that makes the schema equal to the models."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, create_engine

from migrations.revisions import head
from migrations.runner import alembic_config, migrate


def _write(connection: Connection, message: str, number: int) -> None:
    command.revision(alembic_config(connection), message=message, autogenerate=True, rev_id=f"{number:04}")


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        number = len(list((Path(__file__).parent / "versions").glob("0*.py"))) + 1
        if number > 1:
            asyncio.run(migrate(f"sqlite+aiosqlite:///{path}", head()))
        with create_engine(f"sqlite:///{path}").connect() as connection:
            _write(connection, message, number)


if __name__ == "__main__":
    main(sys.argv[1])

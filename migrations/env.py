"""Alembic's entry: runs on the connection that `migrations.runner` opened, never on one of its own."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum

from core.columns import Json, JsonColumn, UtcDateTime
from core.database import BigId
from migrations.metadata import metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Writes our column types as plain SQLAlchemy, so that a migration does not change when our code does."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Json) or item is JsonColumn:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if item is BigId:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if isinstance(item, Enum):
        return f"sa.String({item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=_render,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Add answers to follow-ups and gifts."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


#: Most follow-ups have none of these: only those that do are indexed.
_RARE = ("order_id", "ticket_id", "task_id")


def upgrade() -> None:
    op.create_table(
        "prompt_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("follow_up", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_prompt_answer_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_answer")),
        sa.UniqueConstraint("follow_up", "kind", "question", name=op.f("uq_prompt_answer_follow_up_kind_question")),
    )
    with op.batch_alter_table("prompt_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prompt_answer_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_prompt_answer_new",
            ["id"],
            unique=False,
            sqlite_where=sa.text("applied_at IS NULL"),
            postgresql_where=sa.text("applied_at IS NULL"),
        )
        batch_op.create_index("ix_prompt_answer_programme_at", ["programme", "at"], unique=False)

    with op.batch_alter_table("compensation_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.String(length=120), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_compensation_grant_key"), ["key"])

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("again_of", sa.BigInteger(), nullable=True))
        batch_op.drop_index("ix_follow_up_programme_sent_at")
        _index(batch_op, "ix_follow_up_programme_sent_at", ["programme", "sent_at"], "sent_at IS NOT NULL")
        for column in _RARE:
            batch_op.drop_index(f"ix_follow_up_{column}")
            _index(batch_op, f"ix_follow_up_{column}", [column], f"{column} IS NOT NULL")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_updated_at"), ["updated_at"], unique=False)


def _index(batch_op: BatchOperations, name: str, columns: list[str], where: str) -> None:
    batch_op.create_index(name, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_updated_at"))

    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        for column in _RARE:
            batch_op.drop_index(f"ix_follow_up_{column}")
            batch_op.create_index(f"ix_follow_up_{column}", [column], unique=False)
        batch_op.drop_index("ix_follow_up_programme_sent_at")
        batch_op.create_index("ix_follow_up_programme_sent_at", ["programme", "sent_at"], unique=False)
        batch_op.drop_column("again_of")

    with op.batch_alter_table("compensation_grant", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_compensation_grant_key"), type_="unique")
        batch_op.drop_column("key")

    with op.batch_alter_table("prompt_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_prompt_answer_programme_at")
        batch_op.drop_index(
            "ix_prompt_answer_new",
            sqlite_where=sa.text("applied_at IS NULL"),
            postgresql_where=sa.text("applied_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_prompt_answer_customer_id"))

    op.drop_table("prompt_answer")

"""Let web visitors be known, come back and leave a contact."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_web_code_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_web_code_code_hash")),
        info={"personal": "delete"},
    )
    with op.batch_alter_table("web_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_code_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "web_contact",
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_web_contact_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_web_contact")),
        info={"personal": "delete"},
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("user_id", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("proof_hash", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_web_session_proof_hash"), ["proof_hash"])


def downgrade() -> None:
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_web_session_proof_hash"), type_="unique")
        batch_op.drop_column("proof_hash")
        batch_op.drop_column("user_id")

    op.drop_table("web_contact")
    with op.batch_alter_table("web_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_code_conversation_id"))

    op.drop_table("web_code")

"""Keep uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("is_upload", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.String(40), server_default="document", nullable=False))
        batch_op.alter_column("customer_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("conversation_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_stored_file_uploaded_by_id_agent"), "agent", ["uploaded_by_id"], ["id"]
        )


def downgrade() -> None:
    # An upload that no message took yet has nobody to belong to there.
    op.execute("DELETE FROM stored_file WHERE customer_id IS NULL OR conversation_id IS NULL")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_stored_file_uploaded_by_id_agent"), type_="foreignkey")
        batch_op.alter_column("conversation_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("customer_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("kind")
        batch_op.drop_column("attached_at")
        batch_op.drop_column("is_upload")
        batch_op.drop_column("uploaded_by_id")

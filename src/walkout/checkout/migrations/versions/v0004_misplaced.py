"""What was left at wrong places, until it is put back."""

import sqlalchemy as sa
from alembic import op

revision = "0004_misplaced"
down_revision = "0003_letters"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "misplaced",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("gtin", sa.Text, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("fixture", sa.Text, nullable=False),
        sa.Column("shelf", sa.Integer, nullable=False),
        sa.Column("plates", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("taken_in", sa.Text),
        sa.Column("until_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_misplaced"),
        sa.UniqueConstraint("event", "gtin", name="uq_misplaced_event"),
        sa.CheckConstraint("state in ('there', 'put back', 'taken')", name=op.f("ck_misplaced_state")),
    )
    op.create_index("ix_misplaced_until_ns", "misplaced", ["until_ns"])


def downgrade() -> None:
    """A ledger is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete what waits to be put back; restore a backup of the older release")

"""Which row of the other rooms' ledgers is which entry of the log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "disclosure_written",
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("visit", sa.Text),
        sa.Column("worker", sa.Text),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.PrimaryKeyConstraint("row", name="pk_disclosure_written"),
    )
    for column in ("visit", "worker", "nonce"):
        op.create_index(f"ix_disclosure_written_{column}", "disclosure_written", [column])


def downgrade() -> None:
    """The log's places are not thrown away: restore a backup instead."""
    raise NotImplementedError("this would lose which entry is whose; restore a backup of the older release")

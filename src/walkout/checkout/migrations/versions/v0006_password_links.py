"""One-time links for whoever lost their password: who made them, for whom, and whether they were used."""

import sqlalchemy as sa
from alembic import op

revision = "0006_password_links"
down_revision = "0005_break_glass"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "password_links",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_ns", sa.BigInteger, nullable=False),
        sa.Column("until_ns", sa.BigInteger, nullable=False),
        sa.Column("used_ns", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_password_links"),
        sa.UniqueConstraint("digest", name="uq_password_links_digest"),
    )
    op.create_index("ix_password_links_name", "password_links", ["name"])


def downgrade() -> None:
    """Who let whom set a new password is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete who made links for passwords; restore a backup of the older release")

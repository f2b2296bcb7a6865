"""What the running desk keeps: beliefs of open cases, what moved the guard, clips that were opened, flags."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0002"
down_revision = "0001"

KEPT = ("review_moves", "review_views", "review_flags")


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was written as it was."""
    op.create_table(
        "review_beliefs",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("until_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("visit", name="pk_review_beliefs"),
    )
    op.create_table(
        "review_moves",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_review_moves"),
        sa.CheckConstraint("kind in ('certified', 'labelled', 'changed')", name=op.f("ck_review_moves_kind")),
    )
    op.create_table(
        "review_views",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("clip", sa.Integer, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["token"], ["review_leases.token"], name="fk_review_views_token"),
        sa.PrimaryKeyConstraint("token", "clip", name="pk_review_views"),
    )
    op.create_table(
        "review_flags",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["token"], ["review_leases.token"], name="fk_review_flags_token"),
        sa.PrimaryKeyConstraint("token", "number", name="pk_review_flags"),
    )
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """What moved the guard and who saw what is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the desk's records; restore a backup of the older release")

"""Questions that are lent ahead of the one in hand."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0003"
down_revision = "0002"

KEPT = ("review_ahead",)


def upgrade() -> None:
    """Make the table, and say of each slot whether it is lent ahead."""
    op.add_column("review_slots", sa.Column("ahead", sa.Boolean))
    op.create_table(
        "review_ahead",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["token"], ["review_leases.token"], name="fk_review_ahead_token"),
        sa.PrimaryKeyConstraint("token", "what", name="pk_review_ahead"),
        sa.CheckConstraint("what in ('lent', 'taken')", name=op.f("ck_review_ahead_what")),
    )
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Who was lent what is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the desk's records; restore a backup of the older release")

"""What came of making a question's clips."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0005"
down_revision = "0004"

KEPT = ("review_clips",)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "review_clips",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("visit", "event", name="pk_review_clips"),
    )
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """What the desk said is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the desk's records; restore a backup of the older release")

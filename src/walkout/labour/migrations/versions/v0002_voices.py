"""What people say of their work in public, and the keys that they sign it with."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0002"
down_revision = "0001"

KEPT = ("labour_voice_keys", "labour_voices")


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was written as it was."""
    op.create_table(
        "labour_voice_keys",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("registered_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_voice_keys_worker"),
        sa.PrimaryKeyConstraint("key", name="pk_labour_voice_keys"),
    )
    op.create_index("ix_labour_voice_keys_worker", "labour_voice_keys", ["worker"])
    op.create_table(
        "labour_voices",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("replaces", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("said_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["labour_voice_keys.key"], name="fk_labour_voices_key"),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_voices_worker"),
        sa.PrimaryKeyConstraint("key", "month", "number", name="pk_labour_voices"),
        sa.UniqueConstraint("sha256", name="uq_labour_voices_sha256"),
    )
    op.create_index("ix_labour_voices_worker", "labour_voices", ["worker"])
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """What people said is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete what people said; restore a backup of the older release")

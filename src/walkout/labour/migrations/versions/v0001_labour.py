"""People, rate cards, floors, the log of time, intervals, choices, statements and what came of them."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to
from walkout.checkout.tables import Money

revision = "0001"
down_revision = None

KEPT = (
    "labour_cards",
    "labour_floors",
    "labour_payouts",
    "labour_people",
    "labour_choices",
    "labour_confirmations",
    "labour_intervals",
    "labour_log",
    "labour_looks",
    "labour_statements",
)


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was written as it was."""
    op.create_table(
        "labour_cards",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("recorded_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_labour_cards"),
    )
    op.create_table(
        "labour_floors",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("imported_ns", sa.BigInteger, nullable=False),
        sa.Column("imported_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_labour_floors"),
    )
    op.create_table(
        "labour_payouts",
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.Column("sent_ns", sa.BigInteger, nullable=False),
        sa.Column("sent_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_labour_payouts"),
    )
    op.create_table(
        "labour_people",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("employment", sa.Text, nullable=False),
        sa.Column("employer", sa.Text, nullable=False),
        sa.Column("since_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_labour_people"),
    )
    op.create_table(
        "labour_choices",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("estimate", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.CheckConstraint("action in ('accepted', 'withdrawn')", name=op.f("ck_labour_choices_action")),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_choices_worker"),
        sa.PrimaryKeyConstraint("worker", "number", name="pk_labour_choices"),
    )
    op.create_table(
        "labour_confirmations",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("came", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("said_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_confirmations_worker"),
        sa.PrimaryKeyConstraint("worker", "number", name="pk_labour_confirmations"),
    )
    op.create_table(
        "labour_desks",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("head", sa.Text, nullable=False),
        sa.Column("desk", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_desks_worker"),
        sa.PrimaryKeyConstraint("worker", name="pk_labour_desks"),
    )
    op.create_table(
        "labour_intervals",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("shift", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("start_ns", sa.BigInteger, nullable=False),
        sa.Column("end_ns", sa.BigInteger, nullable=False),
        sa.Column("paid", sa.Boolean, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("card", sa.Text, nullable=False),
        sa.CheckConstraint("end_ns > start_ns", name=op.f("ck_labour_intervals_length")),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_intervals_worker"),
        sa.PrimaryKeyConstraint("worker", "number", name="pk_labour_intervals"),
    )
    op.create_table(
        "labour_log",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.Column("mono_ns", sa.BigInteger, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_log_worker"),
        sa.PrimaryKeyConstraint("worker", "number", name="pk_labour_log"),
        sa.UniqueConstraint("event", name="uq_labour_log_event"),
    )
    op.create_index("ix_labour_log_t_ns", "labour_log", ["t_ns"], unique=False)
    op.create_table(
        "labour_looks",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("looked_by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_looks_worker"),
        sa.PrimaryKeyConstraint("worker", "number", name="pk_labour_looks"),
    )
    op.create_table(
        "labour_statements",
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Integer, nullable=False),
        sa.Column("floors", sa.Text, nullable=False),
        sa.Column("card_count", sa.Integer, nullable=False),
        sa.Column("due", Money, nullable=False),
        sa.Column("total", Money, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("published", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("issued_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["floors"], ["labour_floors.hash"], name="fk_labour_statements_floors"),
        sa.ForeignKeyConstraint(["worker"], ["labour_people.worker"], name="fk_labour_statements_worker"),
        sa.PrimaryKeyConstraint("worker", "period", "revision", name="pk_labour_statements"),
    )
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """What people worked and were owed is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the ledger; restore a backup of the older release")

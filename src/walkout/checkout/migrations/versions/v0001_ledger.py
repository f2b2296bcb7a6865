"""Visits, receipts, operations, outbox and provider events."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.tables import Money

revision = "0001"
down_revision = None

REFUSAL = "receipts are only ever added to"


def upgrade() -> None:
    """Make the tables, and the triggers that keep receipts as they were published."""
    op.create_table(
        "visits",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("payer", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("entered_ns", sa.BigInteger, nullable=False),
        sa.Column("left_ns", sa.BigInteger),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("held_until_ns", sa.BigInteger),
        sa.Column("payment", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("visit", name="pk_visits"),
        sa.CheckConstraint("stage in ('inside', 'waiting', 'decided', 'settled')", name=op.f("ck_visits_stage")),
    )
    op.create_index("ix_visits_stage", "visits", ["stage"])
    op.create_table(
        "receipts",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("total", Money, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("published", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("issued_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("visit", "revision", name="pk_receipts"),
        sa.ForeignKeyConstraint(["visit"], ["visits.visit"], name="fk_receipts_visit"),
    )
    op.create_table(
        "operations",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount", Money, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("of_key", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("provider_id", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_ns", sa.BigInteger, nullable=False),
        sa.Column("answered_ns", sa.BigInteger),
        sa.Column("answered_by", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_operations"),
        sa.ForeignKeyConstraint(["visit"], ["visits.visit"], name="fk_operations_visit"),
        sa.ForeignKeyConstraint(["of_key"], ["operations.key"], name="fk_operations_of_key"),
        sa.CheckConstraint("outcome in ('done', 'declined', 'expired')", name=op.f("ck_operations_outcome")),
    )
    op.create_index("ix_operations_visit", "operations", ["visit"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_ns", sa.BigInteger, nullable=False),
        sa.Column("first_sent_ns", sa.BigInteger),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.ForeignKeyConstraint(["key"], ["operations.key"], name="fk_outbox_key"),
    )
    op.create_index("ix_outbox_next_ns", "outbox", ["next_ns"])
    op.create_table(
        "provider_events",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("received_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_events"),
    )
    _keep_receipts()


def downgrade() -> None:
    """A ledger is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete receipts and the ledger; restore a backup of the older release")


def _keep_receipts() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER receipts_no_{action.lower()} BEFORE {action} ON receipts "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION receipts_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER receipts_are_kept BEFORE UPDATE OR DELETE ON receipts "
            "FOR EACH ROW EXECUTE FUNCTION receipts_are_kept()"
        )

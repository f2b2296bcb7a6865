"""Feed, credentials, evidence, cases, users, API keys and webhooks."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.tables import Money

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the shop around the money."""
    op.create_table(
        "feed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("visit", sa.Text),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("key", name="uq_feed_key"),
    )
    op.create_table(
        "credentials",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("payer", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("blocked", sa.Text, nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_credentials"),
        sa.CheckConstraint("role in ('shopper', 'staff')", name=op.f("ck_credentials_role")),
    )
    op.create_table(
        "evidence",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("until_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("visit", name="pk_evidence"),
        sa.ForeignKeyConstraint(["visit"], ["visits.visit"], name="fk_evidence_visit"),
    )
    op.create_index("ix_evidence_until_ns", "evidence", ["until_ns"])
    _cases()
    _console()


def downgrade() -> None:
    """A ledger is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete cases and users; restore a backup of the older release")


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("gtin", sa.Text),
        sa.Column("quantity", sa.Integer),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("amount", Money),
        sa.Column("opened_ns", sa.BigInteger, nullable=False),
        sa.Column("closed_ns", sa.BigInteger),
        sa.Column("closed_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["visit"], ["visits.visit"], name="fk_cases_visit"),
        sa.CheckConstraint("kind in ('wrong', 'missed')", name=op.f("ck_cases_kind")),
        sa.CheckConstraint("state in ('open', 'closed')", name=op.f("ck_cases_state")),
        sa.CheckConstraint("outcome in ('upheld', 'rejected', 'added')", name=op.f("ck_cases_outcome")),
    )
    op.create_index("ix_cases_visit", "cases", ["visit"])
    op.create_index("ix_cases_state", "cases", ["state"])


def _console() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.Column("revoked_ns", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_ns", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )

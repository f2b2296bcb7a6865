"""Consent to annotation, and what was marked in clips."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0004"
down_revision = "0003"

KEPT = ("review_consents",)


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "review_consents",
        sa.Column("consent", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("consent", name="pk_review_consents"),
    )
    op.create_index("ix_review_consents_visit", "review_consents", ["visit"])
    op.create_table(
        "review_annotations",
        sa.Column("clip", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("consent", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["consent"], ["review_consents.consent"], name="fk_review_annotations_consent"),
        sa.PrimaryKeyConstraint("clip", "revision", name="pk_review_annotations"),
        sa.CheckConstraint("by in ('model', 'person', 'import')", name=op.f("ck_review_annotations_by")),
    )
    op.create_index("ix_review_annotations_visit", "review_annotations", ["visit"])
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Consent is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the desk's records; restore a backup of the older release")

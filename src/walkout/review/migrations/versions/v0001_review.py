"""Cases, questions, slots, leases, answers, what came of them, gold, appeals and draws."""

import sqlalchemy as sa
from alembic import op

from walkout.checkout.branch import only_added_to

revision = "0001"
down_revision = None

KEPT = (
    "review_commitments",
    "review_gold",
    "review_draws",
    "review_resolutions",
    "review_leases",
    "review_answers",
    "review_closings",
    "review_appeals",
    "review_undone",
    "review_rulings",
)


def upgrade() -> None:
    """Make the tables, and the triggers that keep what was written as it was."""
    op.create_table(
        "review_cases",
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("opened_ns", sa.BigInteger, nullable=False),
        sa.Column("deadline_ns", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("closed_ns", sa.BigInteger, nullable=True),
        sa.CheckConstraint("state in ('open', 'settled', 'shown_only')", name=op.f("ck_review_cases_state")),
        sa.PrimaryKeyConstraint("case", name="pk_review_cases"),
    )
    op.create_index("ix_review_cases_state", "review_cases", ["state"], unique=False)
    op.create_index("ix_review_cases_visit", "review_cases", ["visit"], unique=False)
    op.create_table(
        "review_commitments",
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("commitment", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_review_commitments"),
    )
    op.create_table(
        "review_gold",
        sa.Column("gold", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("software_was_wrong", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("gold", "revision", name="pk_review_gold"),
    )
    op.create_table(
        "review_people",
        sa.Column("worker", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_review_people"),
    )
    op.create_table(
        "review_draws",
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("stratum", sa.Text, nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False),
        sa.Column("receipt_sha256", sa.Text, nullable=False),
        sa.Column("receipt_key", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["month"], ["review_commitments.month"], name="fk_review_draws_month"),
        sa.PrimaryKeyConstraint("visit", name="pk_review_draws"),
    )
    op.create_table(
        "review_questions",
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("case", sa.Text, nullable=True),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("deadline_ns", sa.BigInteger, nullable=False),
        sa.Column("opened_ns", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("of", sa.Text, nullable=True),
        sa.Column("gold", sa.Text, nullable=True),
        sa.CheckConstraint("state in ('open', 'closed', 'lapsed')", name=op.f("ck_review_questions_state")),
        sa.ForeignKeyConstraint(["case"], ["review_cases.case"], name="fk_review_questions_case"),
        sa.ForeignKeyConstraint(["of"], ["review_questions.question"], name="fk_review_questions_of"),
        sa.PrimaryKeyConstraint("question", name="pk_review_questions"),
    )
    op.create_index("ix_review_questions_state", "review_questions", ["state", "queue", "deadline_ns"], unique=False)
    op.create_index("ix_review_questions_visit", "review_questions", ["visit"], unique=False)
    op.create_table(
        "review_resolutions",
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.CheckConstraint(
            "how in ('answered', 'agreed', 'third', 'undone', 'lapsed')", name=op.f("ck_review_resolutions_how")
        ),
        sa.ForeignKeyConstraint(["question"], ["review_questions.question"], name="fk_review_resolutions_question"),
        sa.PrimaryKeyConstraint("question", "number", name="pk_review_resolutions"),
    )
    op.create_table(
        "review_slots",
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=True),
        sa.Column("token", sa.Text, nullable=True),
        sa.Column("leased_ns", sa.BigInteger, nullable=True),
        sa.Column("renewed_ns", sa.BigInteger, nullable=True),
        sa.CheckConstraint("state in ('open', 'leased', 'done')", name=op.f("ck_review_slots_state")),
        sa.ForeignKeyConstraint(["question"], ["review_questions.question"], name="fk_review_slots_question"),
        sa.ForeignKeyConstraint(["worker"], ["review_people.worker"], name="fk_review_slots_worker"),
        sa.PrimaryKeyConstraint("slot", name="pk_review_slots"),
        sa.UniqueConstraint("question", "number", name="uq_review_slots_question"),
        sa.UniqueConstraint("token", name="uq_review_slots_token"),
    )
    op.create_index("ix_review_slots_state", "review_slots", ["state"], unique=False)
    op.create_table(
        "review_leases",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("leased_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["question"], ["review_questions.question"], name="fk_review_leases_question"),
        sa.ForeignKeyConstraint(["slot"], ["review_slots.slot"], name="fk_review_leases_slot"),
        sa.ForeignKeyConstraint(["worker"], ["review_people.worker"], name="fk_review_leases_worker"),
        sa.PrimaryKeyConstraint("token", name="pk_review_leases"),
    )
    op.create_index("ix_review_leases_question", "review_leases", ["question"], unique=False)
    op.create_index("ix_review_leases_visit", "review_leases", ["visit"], unique=False)
    op.create_index("ix_review_leases_worker", "review_leases", ["worker"], unique=False)
    op.create_table(
        "review_answers",
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=True),
        sa.Column("sure", sa.Text, nullable=False),
        sa.Column("supersedes", sa.Text, nullable=True),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.CheckConstraint("sure in ('sure', 'likely', 'unsure')", name=op.f("ck_review_answers_sure")),
        sa.ForeignKeyConstraint(["question"], ["review_questions.question"], name="fk_review_answers_question"),
        sa.ForeignKeyConstraint(["slot"], ["review_slots.slot"], name="fk_review_answers_slot"),
        sa.ForeignKeyConstraint(["supersedes"], ["review_answers.answer"], name="fk_review_answers_supersedes"),
        sa.ForeignKeyConstraint(["token"], ["review_leases.token"], name="fk_review_answers_token"),
        sa.ForeignKeyConstraint(["worker"], ["review_people.worker"], name="fk_review_answers_worker"),
        sa.PrimaryKeyConstraint("answer", name="pk_review_answers"),
        sa.UniqueConstraint("supersedes", name="uq_review_answers_supersedes"),
        sa.UniqueConstraint("token", name="uq_review_answers_token"),
    )
    op.create_index("ix_review_answers_question", "review_answers", ["question"], unique=False)
    op.create_index("ix_review_answers_worker", "review_answers", ["worker"], unique=False)
    op.create_table(
        "review_closings",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.CheckConstraint(
            "how in ('submitted', 'skipped', 'returned', 'expired')", name=op.f("ck_review_closings_how")
        ),
        sa.ForeignKeyConstraint(["token"], ["review_leases.token"], name="fk_review_closings_token"),
        sa.PrimaryKeyConstraint("token", name="pk_review_closings"),
    )
    op.create_table(
        "review_appeals",
        sa.Column("appeal", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("filed_ns", sa.BigInteger, nullable=False),
        sa.Column("due_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["answer"], ["review_answers.answer"], name="fk_review_appeals_answer"),
        sa.ForeignKeyConstraint(["worker"], ["review_people.worker"], name="fk_review_appeals_worker"),
        sa.PrimaryKeyConstraint("appeal", name="pk_review_appeals"),
        sa.UniqueConstraint("answer", name="uq_review_appeals_answer"),
    )
    op.create_table(
        "review_undone",
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["answer"], ["review_answers.answer"], name="fk_review_undone_answer"),
        sa.PrimaryKeyConstraint("answer", name="pk_review_undone"),
    )
    op.create_table(
        "review_rulings",
        sa.Column("appeal", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("upheld", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("t_ns", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["appeal"], ["review_appeals.appeal"], name="fk_review_rulings_appeal"),
        sa.PrimaryKeyConstraint("appeal", name="pk_review_rulings"),
    )
    for statement in only_added_to(*KEPT)[0][op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """What people worked and were owed is not thrown away: restore a backup instead."""
    raise NotImplementedError("this would delete the ledger; restore a backup of the older release")

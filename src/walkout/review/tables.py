"""The tables of the review desk. Answers, resolutions, gold, appeals and draws are only ever added to.

Nothing here knows of pay: who may be given what purpose comes from outside as a set of words.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from walkout.checkout.tables import NAMES

metadata = MetaData(naming_convention=NAMES)

people = Table("review_people", metadata, Column("worker", Text, primary_key=True))
"""One row a person who may be given questions; locked while something of theirs changes."""

cases = Table(
    "review_cases",
    metadata,
    Column("case", Text, primary_key=True),
    Column("visit", Text, nullable=False, index=True),
    Column("origin", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),  # the shopper stands there
    Column("opened_ns", BigInteger, nullable=False),
    Column("deadline_ns", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("closed_ns", BigInteger),
    CheckConstraint("state in ('open', 'settled', 'shown_only')", name="state"),
    Index(None, "state"),
)
"""A visit that needs a person; `shown_only`: nobody could tell in time, and only what is shown is paid."""

questions = Table(
    "review_questions",
    metadata,
    Column("question", Text, primary_key=True),
    Column("case", ForeignKey(cases.c.case)),
    Column("visit", Text, nullable=False, index=True),
    Column("queue", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("deadline_ns", BigInteger, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("of", ForeignKey("review_questions.question")),
    Column("gold", Text),
    CheckConstraint("state in ('open', 'closed', 'lapsed')", name="state"),
    Index(None, "state", "queue", "deadline_ns"),
)
"""`of`: what an adjudication is about. `gold`: the item whose answer is known."""

slots = Table(
    "review_slots",
    metadata,
    Column("slot", Text, primary_key=True),
    Column("question", ForeignKey(questions.c.question), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", ForeignKey(people.c.worker)),
    Column("token", Text, unique=True),
    Column("leased_ns", BigInteger),
    Column("renewed_ns", BigInteger),
    Column("ahead", Boolean),  # true: lent ahead, and not come into the hand yet
    UniqueConstraint("question", "number"),
    CheckConstraint("state in ('open', 'leased', 'done')", name="state"),
    Index(None, "state"),
)
"""One row for each answer that a question wants."""

leases = Table(
    "review_leases",
    metadata,
    Column("token", Text, primary_key=True),
    Column("slot", ForeignKey(slots.c.slot), nullable=False),
    Column("question", ForeignKey(questions.c.question), nullable=False, index=True),
    Column("visit", Text, nullable=False, index=True),
    Column("worker", ForeignKey(people.c.worker), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("leased_ns", BigInteger, nullable=False),
)
"""Every lease there ever was: who looked at which visit, and for what."""

ahead = Table(
    "review_ahead",
    metadata,
    Column("token", ForeignKey(leases.c.token), primary_key=True),
    Column("what", Text, primary_key=True),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("what in ('lent', 'taken')", name="what"),
)
"""Leases that were lent ahead of the hand, and when they came into it; those that never did took nobody's time."""

closings = Table(
    "review_closings",
    metadata,
    Column("token", ForeignKey(leases.c.token), primary_key=True),
    Column("how", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("how in ('submitted', 'skipped', 'returned', 'expired')", name="how"),
)
"""How each lease ended."""

answers = Table(
    "review_answers",
    metadata,
    Column("answer", Text, primary_key=True),
    Column("question", ForeignKey(questions.c.question), nullable=False, index=True),
    Column("slot", ForeignKey(slots.c.slot), nullable=False),
    Column("token", ForeignKey(leases.c.token), nullable=False, unique=True),
    Column("worker", ForeignKey(people.c.worker), nullable=False, index=True),
    Column("key", Text),  # nothing: cannot tell from this evidence
    Column("sure", Text, nullable=False),
    Column("supersedes", ForeignKey("review_answers.answer"), unique=True),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("sure in ('sure', 'likely', 'unsure')", name="sure"),
)
"""Answers as given; one that was undone stays, and the next one supersedes it."""

undone = Table(
    "review_undone",
    metadata,
    Column("answer", ForeignKey(answers.c.answer), primary_key=True),
    Column("t_ns", BigInteger, nullable=False),
)

resolutions = Table(
    "review_resolutions",
    metadata,
    Column("question", ForeignKey(questions.c.question), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("key", Text),
    Column("how", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("how in ('answered', 'agreed', 'third', 'undone', 'lapsed')", name="how"),
)
"""What came of a question; the last number counts, `undone` says that nothing did."""

gold = Table(
    "review_gold",
    metadata,
    Column("gold", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("key", Text),  # nothing: taken out, it is scored for nobody
    Column("software_was_wrong", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""Questions whose answer is known; a correction is the next revision, and everybody's figures follow it."""

appeals = Table(
    "review_appeals",
    metadata,
    Column("appeal", Text, primary_key=True),
    Column("answer", ForeignKey(answers.c.answer), nullable=False, unique=True),
    Column("worker", ForeignKey(people.c.worker), nullable=False),
    Column("words", Text, nullable=False),
    Column("filed_ns", BigInteger, nullable=False),
    Column("due_ns", BigInteger, nullable=False),
)

rulings = Table(
    "review_rulings",
    metadata,
    Column("appeal", ForeignKey(appeals.c.appeal), primary_key=True),
    Column("decided_by", Text, nullable=False),
    Column("upheld", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)

commitments = Table(
    "review_commitments",
    metadata,
    Column("month", Text, primary_key=True),
    Column("commitment", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""The hash of a month's seed, published before anything is drawn with it."""

draws = Table(
    "review_draws",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("month", ForeignKey(commitments.c.month), nullable=False),
    Column("stratum", Text, nullable=False),
    Column("probability", Double, nullable=False),
    Column("drawn", Boolean, nullable=False),
    Column("receipt_sha256", Text, nullable=False),
    Column("receipt_key", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""Each visit that software settled alone, with the probability that it had of being audited."""

beliefs = Table(
    "review_beliefs",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
)
"""What inference believes of a visit whose case is open, so that answers can go into it; deleted when it is over."""

moves = Table(
    "review_moves",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("kind in ('certified', 'labelled', 'changed')", name="kind"),
)
"""What the guard was told, in order, and the state that it gave; `why` is "" where it did not move."""

views = Table(
    "review_views",
    metadata,
    Column("token", ForeignKey(leases.c.token), primary_key=True),
    Column("clip", Integer, primary_key=True, autoincrement=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""Each clip that was opened under a lease, once."""

clips = Table(
    "review_clips",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("made", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""How many clips were made of a question's happening ("": of the whole visit), once; `why` there are none, else ""."""

flags = Table(
    "review_flags",
    metadata,
    Column("token", ForeignKey(leases.c.token), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""What somebody said is wrong with a question or with what it showed."""

consents = Table(
    "review_consents",
    metadata,
    Column("consent", Integer, primary_key=True, autoincrement=False),
    Column("visit", Text, nullable=False, index=True),
    Column("agreed", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""What a shopper agreed to, in the words that they were shown, or took back; the newest one of a visit counts."""

annotations = Table(
    "review_annotations",
    metadata,
    Column("clip", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("visit", Text, nullable=False, index=True),
    Column("consent", ForeignKey(consents.c.consent), nullable=False),
    Column("by", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("by in ('model', 'person', 'import')", name="by"),
)
"""Marks in a clip, each version of them; emptied when the consent is taken back."""

KEPT = tuple(t.name for t in metadata.sorted_tables if t not in (people, cases, questions, slots, beliefs, annotations))
"""Tables that are only ever added to."""

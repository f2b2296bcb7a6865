"""The tables of the time and pay ledger. All but `labour_desks` are only ever added to: triggers refuse the rest.

No column holds an answer, a verdict or a score, and no foreign key leaves this room: pay cannot depend on them.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text

from walkout.checkout.tables import NAMES, Money

metadata = MetaData(naming_convention=NAMES)

people = Table(
    "labour_people",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("employment", Text, nullable=False),
    Column("employer", Text, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
)
"""Who works here, by a handle that they chose; legal names are in no table of Walkout's."""

cards = Table(
    "labour_cards",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("place", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
)

floors = Table(
    "labour_floors",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("imported_ns", BigInteger, nullable=False),
    Column("imported_by", Text, nullable=False),
)
"""Every floors file as it was imported, whole; the last one counts for what is computed from then on."""

log = Table(
    "labour_log",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("event", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False, index=True),
    Column("mono_ns", BigInteger, nullable=False),
    Column("boot", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Events in the order in which they counted; `event` is the event's own id, `hash` chains each to the one before."""

intervals = Table(
    "labour_intervals",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("shift", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("start_ns", BigInteger, nullable=False),
    Column("end_ns", BigInteger, nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("unit", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("card", Text, nullable=False),
    CheckConstraint("end_ns > start_ns", name="length"),
)

desks = Table(
    "labour_desks",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("desk", Text, nullable=False),
)
"""What step() of shift.py left; can be had again from the log."""

choices = Table(
    "labour_choices",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("estimate", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
    CheckConstraint("action in ('accepted', 'withdrawn')", name="action"),
)
"""Purposes accepted and given up, with the estimate that was shown."""

statements = Table(
    "labour_statements",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("period", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("as_of", Integer, nullable=False),
    Column("floors", ForeignKey(floors.c.hash), nullable=False),
    Column("card_count", Integer, nullable=False),
    Column("due", Money, nullable=False),
    Column("total", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("published", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("issued_ns", BigInteger, nullable=False),
)

payouts = Table(
    "labour_payouts",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("statement", Text, nullable=False),
    Column("amount", Money, nullable=False),
    Column("sent_ns", BigInteger, nullable=False),
    Column("sent_by", Text, nullable=False),
)

confirmations = Table(
    "labour_confirmations",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("statement", Text, nullable=False),
    Column("came", Boolean, nullable=False),
    Column("words", Text, nullable=False),
    Column("said_ns", BigInteger, nullable=False),
)

looks = Table(
    "labour_looks",
    metadata,
    Column("worker", ForeignKey(people.c.worker), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("looked_by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("t_ns", BigInteger, nullable=False),
)
"""Who looked at what is recorded about whom, and why."""

voice_keys = Table(
    "labour_voice_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("worker", ForeignKey(people.c.worker), nullable=False, index=True),
    Column("proof", Text, nullable=False),
    Column("registered_ns", BigInteger, nullable=False),
)
"""Public keys that people made themselves; the private ones were never here."""

voices = Table(
    "labour_voices",
    metadata,
    Column("key", ForeignKey(voice_keys.c.key), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("worker", ForeignKey(people.c.worker), nullable=False, index=True),
    Column("store", Text, nullable=False),  # its name as it was signed: a shop may get another one later
    Column("replaces", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("sha256", Text, nullable=False, unique=True),
    Column("said_ns", BigInteger, nullable=False),
)
"""What people say of their work in public, signed with those keys."""

KEPT = tuple(table.name for table in metadata.sorted_tables if table is not desks)
"""Tables that are only ever added to."""

"""The tables that money rests on. The migrations build them; a test holds the two against each other.

Money is NUMERIC in PostgreSQL and decimal text in SQLite, which knows only binary fractions; a float is refused.
Instants are UTC nanoseconds.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Money(TypeDecorator[Decimal]):
    """An exact amount, digits as given: 1.10 stays 1.10."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text in SQLite, NUMERIC elsewhere."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric(asdecimal=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Only finite decimals go in."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"found {value!r} for an amount, right: a finite Decimal")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Decimals come out."""
        return None if value is None else Decimal(value)


NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
metadata = MetaData(naming_convention=NAMES)

visits = Table(
    "visits",
    metadata,
    Column("visit", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("entered_ns", BigInteger, nullable=False),
    Column("left_ns", BigInteger),
    Column("stage", Text, nullable=False),  # inside, waiting (left, no final receipt), decided, settled
    Column("held_until_ns", BigInteger),
    Column("payment", Text, nullable=False),  # the state machine's state, JSON
    CheckConstraint("stage in ('inside', 'waiting', 'decided', 'settled')", name="stage"),
    Index(None, "stage"),
)
"""One row a visit; `payment` is what step() of payment.py left, the other columns are for looking things up."""

receipts = Table(
    "receipts",
    metadata,
    Column("visit", ForeignKey(visits.c.visit), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("final", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("total", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("published", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("issued_ns", BigInteger, nullable=False),
)
"""Every revision as it was published, and the SHA-256 of those bytes. Only ever added to: triggers refuse the rest."""

operations = Table(
    "operations",
    metadata,
    Column("key", Text, primary_key=True),
    Column("visit", ForeignKey(visits.c.visit), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", Text, nullable=False),
    Column("of_key", ForeignKey("operations.key")),
    Column("outcome", Text),  # nothing while it is not known
    Column("provider_id", Text),
    Column("reason", Text, nullable=False, default=""),
    Column("asked_ns", BigInteger, nullable=False),
    Column("answered_ns", BigInteger),
    Column("answered_by", Text),  # answer, event or look_up
    CheckConstraint("outcome in ('done', 'declined', 'expired')", name="outcome"),
)
"""Our side of the ledger: what was asked of the provider under which key, and what came of it."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", ForeignKey(operations.c.key), nullable=False, unique=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_ns", BigInteger, nullable=False),
    Column("first_sent_ns", BigInteger),
    Column("last_error", Text, nullable=False, default=""),
    Index(None, "next_ns"),
)
"""What still has to be asked, written together with the reason to ask; a row goes when its answer is in."""

events = Table(
    "provider_events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("outcome", Text),
    Column("received_ns", BigInteger, nullable=False),
)
"""The provider's events that were taken in, by its own id, so that the second copy of one does nothing."""

"""The tables that money rests on, and those of the shop around it.

The migrations build them; a test holds the two against each other.

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
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
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
    Index(None, "reason"),
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
    Index(None, "outcome"),
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

feed = Table(
    "feed",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("visit", Text),
    Column("t_ns", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
"""What happened, for whoever follows; `key` makes each thing one entry."""

credentials = Table(
    "credentials",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("payer", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("blocked", Text, nullable=False, default=""),
    Column("created_ns", BigInteger, nullable=False),
    CheckConstraint("role in ('shopper', 'staff')", name="role"),
)
"""Whom a card or code at the gate stands for, by a keyed digest: the token itself is never kept."""

evidence = Table(
    "evidence",
    metadata,
    Column("visit", ForeignKey(visits.c.visit), primary_key=True),
    Column("body", Text, nullable=False),
    Column("until_ns", BigInteger, nullable=False, index=True),
)
"""What a decision rests on, until it is deleted."""

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("visit", ForeignKey(visits.c.visit), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("gtin", Text),
    Column("quantity", Integer),
    Column("words", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("outcome", Text),
    Column("note", Text, nullable=False, default=""),
    Column("amount", Money),
    Column("opened_ns", BigInteger, nullable=False),
    Column("closed_ns", BigInteger),
    Column("closed_by", Text),
    CheckConstraint("kind in ('wrong', 'missed')", name="kind"),
    CheckConstraint("state in ('open', 'closed')", name="state"),
    CheckConstraint("outcome in ('upheld', 'rejected', 'added')", name="outcome"),
    Index(None, "state"),
)
"""What a shopper says is wrong with a receipt. Nothing here locks anything or marks anybody."""

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("epoch", Integer, nullable=False, default=0),
    Column("created_ns", BigInteger, nullable=False),
    Column("made_by", Text),
)
"""Who may use the console; the password as argon2 keeps it, `epoch` ends older sessions.

`made_by`: the user who made the account; "": the first-run link or a single sign-on; nothing: an older release."""

password_links = Table(
    "password_links",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("made_by", Text, nullable=False),
    Column("made_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
    Column("used_ns", BigInteger),
)
"""One-time links for a new password, by digest. `made_by`: the admin; "": somebody with the data folder."""

break_glass = Table(
    "break_glass",
    metadata,
    Column("id", Text, primary_key=True),
    Column("asked_by", Text, nullable=False),
    Column("asker_role", Text, nullable=False),
    Column("camera", Text, nullable=False),
    Column("from_ns", BigInteger, nullable=False),
    Column("to_ns", BigInteger, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_ns", BigInteger, nullable=False, index=True),
    Column("approved_by", Text),
    Column("approver_role", Text),
    Column("accounts", Text),
    Column("until_ns", BigInteger, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("step", Text, nullable=False),
    Column("step_by", Text, nullable=False),
    Column("step_role", Text, nullable=False),
    CheckConstraint("step in ('', 'asked', 'approved', 'opened', 'ended')", name="step"),
)
"""Requests to see video as it was taken. `step`: what is being done and may not be in the log yet, by whom; "": all
that was done is in it."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("revoked_ns", BigInteger),
)
"""Keys of other programs, by digest."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_ns", BigInteger, nullable=False),
    Column("last_error", Text, nullable=False, default=""),
    Column("created_ns", BigInteger, nullable=False),
)
"""Who is told of the feed: `seen` is the last entry that they took."""

misplaced = Table(
    "misplaced",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event", Text, nullable=False),
    Column("gtin", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("fixture", Text, nullable=False),
    Column("shelf", Integer, nullable=False),
    Column("plates", Text, nullable=False),  # JSON, a list of numbers
    Column("t_ns", BigInteger, nullable=False),
    Column("probability", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("taken_in", Text),  # the shelf event in which a shopper took it away
    Column("until_ns", BigInteger, nullable=False, index=True),
    UniqueConstraint("event", "gtin"),
    CheckConstraint("state in ('there', 'put back', 'taken')", name="state"),
)
"""Goods that somebody left at a wrong place. Neither who left them nor who put them back, nor when that was."""

addresses = Table(
    "addresses",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("given_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=False, index=True),
)
"""Where receipts go by e-mail: of a visit (`visit/...`) or of a card (`card/` and its digest), until it is deleted."""

letters = Table(
    "letters",
    metadata,
    Column("visit", ForeignKey(visits.c.visit), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("queued_ns", BigInteger, nullable=False),
    Column("next_ns", BigInteger, nullable=False, index=True),
    Column("sent_ns", BigInteger),
    Column("last_error", Text, nullable=False, default=""),
    CheckConstraint("state in ('waiting', 'claimed', 'handing', 'sent', 'refused', 'unknown')", name="state"),
)
"""One letter a revision and address; `recipient` is a keyed digest, the address itself stands in `addresses` alone."""

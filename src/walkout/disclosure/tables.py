"""The disclosure's one table: which row of the other rooms' ledgers is which entry of the log."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

from walkout.checkout.tables import NAMES

metadata = MetaData(naming_convention=NAMES)

written = Table(
    "disclosure_written",
    metadata,
    Column("row", Text, primary_key=True),
    Column("visit", Text, index=True),
    Column("worker", Text, index=True),
    Column("nonce", Text, nullable=False),
    Column("number", BigInteger),
    Index(None, "nonce"),
)
"""`row` names a row elsewhere ("look/<token>"). `nonce`: the entry's own id while it is not known to be in the log,
then nothing. `number`: the entry's place in the log; nothing once the visit was erased."""

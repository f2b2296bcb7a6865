"""Where shoppers want their receipts: an address a visit, or one that a card brings along, each with an end."""

import hashlib
import hmac
from typing import Final

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables
from walkout.live.mail import checked

VISIT, CARD = "visit/", "card/"
NO_END: Final = 2**62
"""A card's address lives as long as the card does."""


class Addresses:
    """All addresses of a shop: `keep_ns` is how long a visit's own is kept."""

    def __init__(self, engine: Engine, key: bytes, keep_ns: int) -> None:
        self._engine, self._key, self._keep_ns = engine, key, keep_ns
        self._reading = engine.execution_options(walkout_reads=True)

    def give(self, visit: str, address: str, now_ns: int) -> None:
        """A shopper says where the receipts of a visit go.

        Raises:
            MailError: letters cannot go there.
        """
        self._put(VISIT + visit, checked(address), now_ns, now_ns + self._keep_ns)

    def of_card(self, digest: str, address: str | None, now_ns: int) -> None:
        """Where the receipts of all coming visits with a card go; None: nowhere.

        Raises:
            MailError: letters cannot go there.
        """
        if address is None:
            self._remove(CARD + digest)
        else:
            self._put(CARD + digest, checked(address), now_ns, NO_END)

    def entered(self, visit: str, digest: str, now_ns: int) -> None:
        """A visit begins: its card's address is its own, unless it has one."""
        found = self._of(CARD + digest) if digest else None
        if found is not None and self._of(VISIT + visit) is None:
            self._put(VISIT + visit, found, now_ns, now_ns + self._keep_ns)

    def of(self, visit: str) -> str | None:
        """Where a visit's receipts go; None: nowhere."""
        return self._of(VISIT + visit)

    def take_back(self, visit: str) -> bool:
        """Forget a visit's address; False where there is none."""
        return self._remove(VISIT + visit)

    def digest(self, address: str) -> str:
        """The keyed digest by which a letter remembers whom it went to."""
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()[:32]

    def forget(self, now_ns: int) -> int:
        """Delete the addresses whose time is up; how many."""
        with self._engine.begin() as connection:
            return connection.execute(delete(tables.addresses).where(tables.addresses.c.until_ns <= now_ns)).rowcount

    def _of(self, owner: str) -> str | None:
        with self._reading.begin() as connection:
            query = select(tables.addresses.c.address).where(tables.addresses.c.owner == owner)
            return connection.execute(query).scalar_one_or_none()

    def _put(self, owner: str, address: str, now_ns: int, until_ns: int) -> None:
        values = {"address": address, "given_ns": now_ns, "until_ns": until_ns}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.addresses).values(owner=owner, **values))
        except IntegrityError:
            with self._engine.begin() as connection:
                chosen = tables.addresses.c.owner == owner
                connection.execute(update(tables.addresses).where(chosen).values(**values))

    def _remove(self, owner: str) -> bool:
        with self._engine.begin() as connection:
            return bool(connection.execute(delete(tables.addresses).where(tables.addresses.c.owner == owner)).rowcount)

"""Whom a card or code at the gate stands for; kept by a keyed digest, never as the token itself."""

import hashlib
import hmac
import time
from typing import Literal

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables
from walkout.checkout.provider_fake import DECLINED_CARD
from walkout.live.door import Holder
from walkout.live.own_auth import Ask

LONGEST = 512
SIMULATED_STAFF, SIMULATED_DECLINED = "staff:", "declined:"
"""How tokens of the twin's staff, and of cards that its provider declines, begin; only in a simulated shop."""


class Credentials:
    """The register. `any_card`: tokens that nobody registered may come in as shoppers, each its own payer.

    `ask`: somebody else is asked about tokens that nobody registered (own_auth.py); it may take seconds.
    """

    def __init__(
        self, engine: Engine, key: bytes, *, any_card: bool = False, simulated: bool = False, ask: Ask | None = None
    ) -> None:
        self._ask = ask
        self._engine, self._key, self._any_card, self._simulated = engine, key, any_card, simulated
        self._reading = engine.execution_options(walkout_reads=True)
        self._known: dict[str, Holder] = {}

    def digest(self, token: str) -> str:
        """The keyed digest under which a token is kept."""
        return hmac.new(self._key, token.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]

    def holder(self, token: str) -> Holder | None:
        """Whom a token stands for; None: nobody."""
        if not token or len(token) > LONGEST:
            return None
        digest = self.digest(token)
        found = self._known.get(digest) or self._read(digest)
        if found is None and self._ask is not None:
            granted = self._ask(token)
            if isinstance(granted, str):
                return Holder(digest, "", "shopper", granted)
            if granted is not None:
                found = self.register(token, granted.payer, granted.role)
        if found is None and self._any_card:
            payer = f"card-{digest[:16]}"
            if self._simulated and token.startswith(SIMULATED_DECLINED):
                payer = DECLINED_CARD
            staff = self._simulated and token.startswith(SIMULATED_STAFF)
            found = self.register(token, payer, "staff" if staff else "shopper")
        if found is not None:
            self._known[digest] = found
        return found

    def payer(self, digest: str) -> str | None:
        """The provider's name for the card of a digest."""
        found = self._known.get(digest) or self._read(digest)
        return None if found is None else found.payer

    def register(
        self, token: str, payer: str, role: Literal["shopper", "staff"] = "shopper", blocked: str = ""
    ) -> Holder:
        """Make a token known, or change what it stands for."""
        digest = self.digest(token)
        values = {"payer": payer, "role": role, "blocked": blocked}
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(tables.credentials).values(digest=digest, created_ns=time.time_ns(), **values)
                )
        except IntegrityError:
            with self._engine.begin() as connection:
                chosen = tables.credentials.c.digest == digest
                connection.execute(update(tables.credentials).where(chosen).values(**values))
        self._known[digest] = Holder(digest, payer, role, blocked)
        return self._known[digest]

    def _read(self, digest: str) -> Holder | None:
        query = select(tables.credentials).where(tables.credentials.c.digest == digest)
        with self._reading.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Holder(row.digest, row.payer, "staff" if row.role == "staff" else "shopper", row.blocked)

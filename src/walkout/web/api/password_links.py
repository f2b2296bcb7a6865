"""One-time links for whoever lost their password: made by an administrator, short-lived, used once, and written down.

Nothing is sent to anybody by the shop: who made the link gives it to a person whom they know. A link is 256 random
bits, kept as a digest; a newer one for the same user ends the older ones. Making one changes nothing: password and
sessions are what they were until it is used. Whoever made a link that was used may know the password: for the two
people of broken glass (`privacy/apart.py`) they count as a maker of that account.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from argon2 import PasswordHasher
from sqlalchemy import Engine, insert, select, update

from walkout.checkout.tables import password_links, users
from walkout.web.api.identity import ELSEWHERE, IdentityError, long_enough

LIVES_NS: Final = 30 * 60 * 1_000_000_000
DATA_FOLDER: Final = ""
"""Who made a link from the command line: somebody who may read the data folder, and has no name here."""
PAGE: Final = "/new-password"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made: its token is told once and kept nowhere."""

    name: str
    token: str
    until_ns: int

    def url(self, base_url: str) -> str:
        """Where it leads; the token is after the #, so that no server and no proxy on the way writes it into a log."""
        return f"{base_url.rstrip('/')}{PAGE}#{self.token}"


class PasswordLinks:
    """The links of one shop's users."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(walkout_reads=True)
        self._hasher = PasswordHasher()

    def make(self, name: str, made_by: str, now_ns: int) -> Link:
        """A link for a user; those made for them before end. `made_by`: the admin, or `DATA_FOLDER`.

        Raises:
            IdentityError: there is no such user, they sign in elsewhere, or it is the one who asks.
        """
        if name.startswith(ELSEWHERE):
            raise IdentityError(f"found {name!r}, who signs in elsewhere, right: a user with a password of this shop")
        if name == made_by:
            raise IdentityError("found your own name, right: somebody else's; yours is changed on your own page")
        token, id_, until_ns = secrets.token_urlsafe(32), secrets.token_hex(8), now_ns + LIVES_NS
        with self._engine.begin() as connection:
            if connection.execute(select(users.c.name).where(users.c.name == name)).first() is None:
                raise IdentityError(f"found no user {name[:64]!r}, right: {_names(connection)}")
            of = password_links.c
            earlier = update(password_links).where((of.name == name) & of.used_ns.is_(None) & (of.until_ns > now_ns))
            connection.execute(earlier.values(until_ns=now_ns))
            row = {"id": id_, "name": name, "digest": _digest(token), "made_by": made_by, "made_ns": now_ns}
            connection.execute(insert(password_links).values(**row, until_ns=until_ns))
        return Link(name, token, until_ns)

    def use(self, token: str, password: str, now_ns: int) -> str | None:
        """Set a new password by a link, once, and end all sessions of its user; their name, or None where it is none.

        A forged link, one that was used, one that is too old and one that a newer ended are told apart for nobody.

        Raises:
            IdentityError: the password is too short or too long; the link can still be used.
        """
        long_enough(password)
        of = password_links.c
        good = (of.digest == _digest(token)) & of.used_ns.is_(None) & (of.until_ns > now_ns)
        with self._reading.begin() as connection:
            name = connection.execute(select(of.name).where(good)).scalar_one_or_none()
        if name is None:
            return None
        hashed = self._hasher.hash(password)
        with self._engine.begin() as connection:
            if not connection.execute(update(password_links).where(good).values(used_ns=now_ns)).rowcount:
                return None  # in another window, just now
            chosen = update(users).where(users.c.name == name)
            connection.execute(chosen.values(password=hashed, epoch=users.c.epoch + 1))
        return str(name)

    def of_user(self, name: str) -> list[dict[str, Any]]:
        """What was done in somebody's name, the newest first: who made a link, when, and whether it was used."""
        of = password_links.c
        query = select(password_links).where(of.name == name).order_by(of.made_ns.desc()).limit(20)
        with self._reading.begin() as connection:
            return [
                {
                    "made_by": row.made_by or "somebody with the shop's data folder",
                    "made_ns": row.made_ns,
                    "until_ns": row.until_ns,
                    "used_ns": row.used_ns,
                }
                for row in connection.execute(query)
            ]


def _names(connection: Any) -> str:
    local = select(users.c.name).where(users.c.name.not_like(f"{ELSEWHERE}%")).order_by(users.c.name)
    return ", ".join(connection.execute(local).scalars()) or "none is there yet"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

"""Users with passwords (argon2), their signed sessions, and keys of other programs."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args

import orjson
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables
from walkout.web.api.access import SCOPES, Principal, Role

SESSION_S = 12 * 3600
SHORTEST, LONGEST = 10, 256
"""Of a password, characters."""
KEY_PREFIX = "wk_"
ELSEWHERE = "sso:"
"""How the names of those begin who sign in elsewhere; no local user's does."""
LABEL = 32


class IdentityError(ValueError):
    """A name, password or scope that cannot be; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its cookie holds it."""

    principal: Principal
    csrf: str


class Identity:
    """Everybody who may come in, in the database; signatures with the shop's own key."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._reading = engine.execution_options(walkout_reads=True)
        self._key = key
        self._hasher = PasswordHasher()
        self._sessions = URLSafeTimedSerializer(key, salt="session")
        self._links = URLSafeSerializer(key, salt="receipt-link")
        self._screens = URLSafeSerializer(key, salt="exit-screen")
        self._nobody = self._hasher.hash("somebody who is not there")

    def users(self) -> list[dict[str, Any]]:
        """Names and roles."""
        with self._reading.begin() as connection:
            rows = connection.execute(select(tables.users).order_by(tables.users.c.name))
            return [{"name": row.name, "role": row.role, "created_ns": row.created_ns} for row in rows]

    def add_user(
        self, name: str, password: str, role: str, now_ns: int, *, first: bool = False, made_by: str | None = None
    ) -> None:
        """Make a user. `first`: only while there is none. `made_by`: the user who makes it; None: that is not known.

        Raises:
            IdentityError: the name is taken or empty, the password too short, no such role, or there is one already.
        """
        if not name.strip() or len(name) > 64 or not name.isprintable():
            raise IdentityError("found a name that is empty or too long, right: 1 to 64 printable characters")
        long_enough(password)
        if name.startswith(ELSEWHERE):
            raise IdentityError(f"found {name!r}, right: names with {ELSEWHERE!r} are of those who sign in elsewhere")
        if role not in get_args(Role):
            raise IdentityError(f"found the role {role!r}, right: {', '.join(get_args(Role))}")
        hashed = self._hasher.hash(password)
        try:
            with self._engine.begin() as connection:
                if first and connection.execute(_LOCAL).scalar_one():
                    raise IdentityError("found a user already, right: the first-run link makes the first one only")
                values = {"name": name, "role": role, "password": hashed, "epoch": 0, "created_ns": now_ns}
                connection.execute(insert(tables.users).values(**values, made_by="" if first else made_by))
        except IntegrityError as error:
            raise IdentityError(f"found a second user {name!r}, right: a name that is free") from error

    @property
    def has_users(self) -> bool:
        """Whether anybody was made who has a password here."""
        with self._reading.begin() as connection:
            return bool(connection.execute(_LOCAL).scalar_one())

    def log_in(self, name: str, password: str) -> str | None:
        """A cookie for a right name and password, else None; takes as long either way."""
        row = self._user(name)
        try:
            self._hasher.verify(self._nobody if row is None else row.password, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return None
        if row is None:
            return None
        return self._cookie(row)

    def change_password(self, name: str, current: str, new: str) -> str | None:
        """Take a new password for the right current one, end all sessions of that user; a cookie for a new one.

        None where the current password is not right. A password that two windows change at once is the first one's.

        Raises:
            IdentityError: the new one is too short, too long or the old one, or they sign in elsewhere.
        """
        row = self._user(name)
        if row is None or name.startswith(ELSEWHERE):
            raise IdentityError(f"found {name!r}, who signs in elsewhere, right: a user with a password of this shop")
        long_enough(new)
        try:
            self._hasher.verify(row.password, current[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return None
        if new == current:
            raise IdentityError("found the password that it was before, right: another one")
        users, hashed = tables.users, self._hasher.hash(new)
        chosen = update(users).where(users.c.name == name, users.c.password == row.password)
        with self._engine.begin() as connection:
            done = connection.execute(chosen.values(password=hashed, epoch=users.c.epoch + 1))
        return self._cookie(self._user(name)) if done.rowcount else None

    def log_in_elsewhere(self, issuer: str, subject: str, label: str, role: Role, now_ns: int) -> str:
        """A cookie for somebody whom an issuer vouches for, with the role that they have now.

        Their name here holds a digest of issuer and subject: the same person keeps it whatever they are called, and
        nobody who gets another's address gets their account. The label is of their first time.
        """
        row = self._elsewhere(issuer, subject)
        if row is None:
            name = f"{ELSEWHERE}{_label(label)}:{_external(issuer, subject)}"
            nothing = self._hasher.hash(secrets.token_urlsafe(32))  # a password that nobody has
            values = {"name": name, "role": role, "password": nothing, "epoch": 0, "created_ns": now_ns, "made_by": ""}
            with suppress(IntegrityError), self._engine.begin() as connection:  # or in another window, just now
                connection.execute(insert(tables.users).values(**values))
        elif row.role != role:
            with self._engine.begin() as connection:
                chosen = update(tables.users).where(tables.users.c.name == row.name)
                connection.execute(chosen.values(role=role))
        row = self._elsewhere(issuer, subject)
        return self._cookie(row)

    def end_elsewhere(self, issuer: str, subject: str) -> None:
        """End the sessions of somebody who may no longer come in."""
        row = self._elsewhere(issuer, subject)
        if row is not None:
            self.log_out(row.name)

    def _elsewhere(self, issuer: str, subject: str) -> Any:
        name, users = tables.users.c.name, select(tables.users)
        chosen = users.where(name.startswith(ELSEWHERE), name.endswith(f":{_external(issuer, subject)}"))
        with self._reading.begin() as connection:
            return connection.execute(chosen.order_by(tables.users.c.created_ns, name)).first()

    def _cookie(self, row: Any) -> str:
        return self._sessions.dumps({"u": row.name, "e": row.epoch, "n": secrets.token_urlsafe(12)})

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is forged, old, or was ended."""
        try:
            read = self._sessions.loads(cookie, max_age=SESSION_S)
            name, epoch, nonce = read["u"], read["e"], read["n"]
        except (BadSignature, KeyError, TypeError):
            return None
        row = self._user(name)
        if row is None or row.epoch != epoch:
            return None
        return Session(Principal(row.name, row.role), self._csrf(f"{name}/{nonce}"))

    def log_out(self, name: str) -> None:
        """End all of somebody's sessions."""
        with self._engine.begin() as connection:
            chosen = update(tables.users).where(tables.users.c.name == name)
            connection.execute(chosen.values(epoch=tables.users.c.epoch + 1))

    def link(self, visit: str) -> str:
        """The token of a shopper's own page."""
        return str(self._links.dumps(visit))

    def visit_of(self, token: str) -> str | None:
        """The visit of a shopper's link; None where it is forged."""
        try:
            found = self._links.loads(token)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None

    def screen(self, gate: str) -> str:
        """The token of the screen at a gate."""
        return str(self._screens.dumps(gate))

    def gate_of(self, token: str) -> str | None:
        """The gate of a screen's link; None where it is forged."""
        try:
            found = self._screens.loads(token)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None

    def add_key(self, name: str, scopes: Sequence[str], now_ns: int) -> tuple[str, str]:
        """A key for another program: its id, and the key itself, which is not kept.

        Raises:
            IdentityError: a scope that no key can have.
        """
        if unknown := sorted(set(scopes) - set(SCOPES)):
            raise IdentityError(f"found the scopes {', '.join(unknown)}, right: of {', '.join(SCOPES)}")
        key, id_ = KEY_PREFIX + secrets.token_urlsafe(32), f"k-{secrets.token_hex(8)}"
        values = {"id": id_, "name": name, "digest": _digest(key), "created_ns": now_ns}
        with self._engine.begin() as connection:
            text = orjson.dumps(sorted(set(scopes))).decode()
            connection.execute(insert(tables.api_keys).values(scopes=text, **values))
        return id_, key

    def keys(self) -> list[dict[str, Any]]:
        """The keys, without the keys."""
        with self._reading.begin() as connection:
            rows = connection.execute(select(tables.api_keys).order_by(tables.api_keys.c.id)).all()
        return [
            {
                "id": row.id,
                "name": row.name,
                "scopes": orjson.loads(row.scopes),
                "created_ns": row.created_ns,
                "revoked_ns": row.revoked_ns,
            }
            for row in rows
        ]

    def revoke_key(self, id_: str, now_ns: int) -> bool:
        """End a key; False where there is none."""
        with self._engine.begin() as connection:
            chosen = tables.api_keys.c.id == id_
            found = connection.execute(select(tables.api_keys.c.id).where(chosen)).first()
            connection.execute(
                update(tables.api_keys).where(chosen, tables.api_keys.c.revoked_ns.is_(None)).values(revoked_ns=now_ns)
            )
        return found is not None

    def of_key(self, key: str) -> Principal | None:
        """The program of a key; None where there is none, or it was ended."""
        if not key.startswith(KEY_PREFIX) or len(key) > LONGEST:
            return None
        query = select(tables.api_keys).where(tables.api_keys.c.digest == _digest(key))
        with self._reading.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.revoked_ns is not None:
            return None
        return Principal(f"key:{row.id}", "integrator", frozenset(orjson.loads(row.scopes)))

    def _user(self, name: str) -> Any:
        if "\x00" in name:
            return None
        with self._reading.begin() as connection:
            return connection.execute(select(tables.users).where(tables.users.c.name == name)).one_or_none()

    def _csrf(self, of: str) -> str:
        return hmac.new(self._key, f"csrf/{of}".encode(), hashlib.sha256).hexdigest()


_LOCAL = select(func.count()).select_from(tables.users).where(tables.users.c.name.not_like(f"{ELSEWHERE}%"))


def long_enough(password: str) -> None:
    """Whether a password can be one. IdentityError where it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise IdentityError(f"found a password of {len(password)} characters, right: {SHORTEST} to {LONGEST}")


def _external(issuer: str, subject: str) -> str:
    """80 bits of who somebody is to their issuer, 16 characters."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode("utf-8", "surrogatepass")).digest()[:10]
    return base64.b32encode(digest).decode().lower()


def _label(text: str) -> str:
    """What people read of it: letters that print, none that has a meaning in a name or in a path."""
    kept = "".join(one if one.isprintable() and one not in ":/%\\?#" else "-" for one in text.strip())
    return kept[:LABEL] or "somebody"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()

"""Data keys: one for each camera's ten minutes, each visit, each salt; wrapped by a store key kept elsewhere.

A data key is 32 random bytes for AES-256-GCM. On disk it lies in a file of its own, itself encrypted (wrapped) under
the store key, which must lie outside the data folder: whoever copies the data folder has nothing. Deleting the file is
deleting what the key encrypts; a tombstone in the log says so.

Nonces: every encryption, of data as of keys, takes 96 random bits. That is safe while a key encrypts few messages: two
of n nonces are equal with probability below n^2 / 2^97. A camera's slice has at most some 10^5 records (10 minutes at
100 a second): below 2^-63. A store key wraps at most 2^24 keys before it is changed (a camera makes 52,560 a year):
below 2^-49. A counter would be safe for longer but must outlive every crash; a lost counter repeats a nonce, which is
fatal, and random bits have nothing to lose.
"""

import hmac
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Final, Literal, get_args

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from walkout.privacy.files import canonical, overwrite, sync_folder, write_whole

Purpose = Literal["raw", "clip", "training", "salt"]
"""What a key is for; how long it lives follows from it."""

PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_SUFFIX, _DYING = ".key", ".dying"


class KeyGoneError(KeyError):
    """The key was deleted, or never was: what it encrypts cannot be read."""


class KeyStoreError(RuntimeError):
    """The store key or a wrapped key cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key in memory: what it is for, whose (camera and slice, visit, person), since when, and its bytes."""

    purpose: Purpose
    owner: str
    created_ns: int
    id: str
    """The name of its file; says nothing about the owner to whoever lacks the store key."""
    secret: bytes

    def __repr__(self) -> str:
        return f"DataKey({self.purpose}, {self.id[:8]})"


class KeyStore:
    """The wrapped keys of a data folder; threads may share it.

    Args:
        folder: Where the wrapped keys lie; made if it is not there.
        store_key: The file of the store key, made by `make_store_key`, outside of the data folder.
        tombstone: Is told of every deleted key (purpose, id, reason) once its secret is gone; it must outlive a crash
            by the time it returns. Called again after a crash in between, so that no deletion is without one.

    Raises:
        KeyStoreError: The store key lies in the data folder, others may read it, or it is not the one of these keys.
    """

    def __init__(self, folder: Path, store_key: Path, tombstone: Callable[[str, str, str], None]) -> None:
        self._folder, self._store_key, self._tombstone = folder, store_key, tombstone
        _outside(store_key, folder)
        self._generations = _read_store_key(store_key)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._index = self._index_key()
        self._open: dict[str, DataKey] = {}
        self._lock = RLock()
        for path in sorted(folder.glob(f"*{_DYING}")):
            self._bury(path)

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob(f"*{_SUFFIX}"))

    def make(self, purpose: Purpose, owner: str, now_ns: int) -> DataKey:
        """The key of an owner, made if there is none yet; on disk before it is returned."""
        with self._lock:
            try:
                return self.get(purpose, owner)
            except KeyGoneError:
                made = DataKey(purpose, owner, now_ns, self.id(purpose, owner), os.urandom(KEY_BYTES))
                self._write(made)
                self._open[made.id] = made
                return made

    def get(self, purpose: Purpose, owner: str) -> DataKey:
        """The key of an owner. KeyGoneError where it was deleted or never made."""
        return self.by_id(self.id(purpose, owner))

    def by_id(self, id_: str) -> DataKey:
        """The key of that file name. KeyGoneError as `get`."""
        if id_ in self._open:
            return self._open[id_]
        try:
            found = self._unwrap(id_, (self._folder / f"{id_}{_SUFFIX}").read_bytes())
        except FileNotFoundError:
            raise KeyGoneError(f"key {id_[:8]} was deleted, or never made: what it encrypted is gone") from None
        self._open[id_] = found
        return found

    def all(self) -> Iterator[DataKey]:
        """Every living key, by id."""
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            yield self.by_id(path.name.removesuffix(_SUFFIX))

    def id(self, purpose: Purpose, owner: str) -> str:
        """The file name of an owner's key."""
        return hmac.new(self._index, f"{purpose}\0{owner}".encode(), sha256).hexdigest()[:32]

    def salt(self, field: str, value: str, now_ns: int) -> bytes:
        """The salt that seals a personal field of the log; deleting key ("salt", "field/value") opens it to nobody."""
        return self.make("salt", f"{field}/{value}", now_ns).secret

    def destroy(self, purpose: Purpose, owner: str, reason: str) -> bool:
        """Delete an owner's key and leave a tombstone; False where there is none."""
        return self.destroy_id(self.id(purpose, owner), reason)

    def destroy_id(self, id_: str, reason: str) -> bool:
        """Delete a key by its file name and leave a tombstone; False where there is none.

        Overwritten first, then the tombstone, then the empty file goes: a tombstone never speaks of a key that still
        is, and a crash at any point is finished when the store is opened again.
        """
        with self._lock:
            return self._destroy(self._folder / f"{id_}{_SUFFIX}", id_, reason)

    def _destroy(self, path: Path, id_: str, reason: str) -> bool:
        if not path.exists():
            return False
        purpose = self._purpose_of(id_, path.read_bytes())
        dying = path.with_suffix(_DYING)
        path.rename(dying)
        sync_folder(self._folder)
        self._open.pop(id_, None)
        overwrite(dying, canonical({"purpose": purpose, "reason": reason}))
        self._bury(dying)
        return True

    def change_store_key(self) -> None:
        """Wrap every key anew under a fresh store key and forget the old one.

        After this, copies of wrapped keys in backups, or left on a flash disk, open only with a copy of the old store
        key. May be stopped anywhere and called again.
        """
        with self._lock:
            self._change_store_key()

    def _change_store_key(self) -> None:
        newest = max(self._generations) + 1
        self._generations[newest] = os.urandom(KEY_BYTES)
        _write_store_key(self._store_key, self._generations)
        write_whole(self._folder / "index", self._wrap(b"index", self._index))
        for key in list(self.all()):
            self._write(key)
        self._generations = {newest: self._generations[newest]}
        _write_store_key(self._store_key, self._generations)

    def _write(self, key: DataKey) -> None:
        inner = canonical(
            {
                "purpose": key.purpose,
                "owner": key.owner,
                "created_ns": key.created_ns,
                "secret": b64encode(key.secret).decode(),
            }
        )
        write_whole(self._folder / f"{key.id}{_SUFFIX}", self._wrap(key.id.encode(), inner))

    def _unwrap(self, id_: str, data: bytes) -> DataKey:
        value = orjson.loads(self._opened(id_.encode(), data))
        return DataKey(value["purpose"], value["owner"], value["created_ns"], id_, b64decode(value["secret"]))

    def _wrap(self, name: bytes, data: bytes) -> bytes:
        newest = max(self._generations)
        nonce = os.urandom(NONCE_BYTES)
        return newest.to_bytes(4, "big") + nonce + AESGCM(self._generations[newest]).encrypt(nonce, data, name)

    def _opened(self, name: bytes, data: bytes) -> bytes:
        generation, nonce, wrapped = int.from_bytes(data[:4], "big"), data[4:16], data[16:]
        try:
            return AESGCM(self._generations[generation]).decrypt(nonce, wrapped, name)
        except (KeyError, InvalidTag, ValueError) as error:
            raise KeyStoreError(
                f"{self._folder / name.decode()} does not open with the store key in {self._store_key}: it is another "
                "store's, or was damaged"
            ) from error

    def _index_key(self) -> bytes:
        path = self._folder / "index"
        if path.exists():
            return self._opened(b"index", path.read_bytes())
        made = os.urandom(KEY_BYTES)
        write_whole(path, self._wrap(b"index", made))
        return made

    def _bury(self, dying: Path) -> None:
        """The last steps of a deletion."""
        id_ = dying.name.removesuffix(_DYING)
        try:
            said = orjson.loads(dying.read_bytes())
            purpose, reason = said["purpose"], said["reason"]
        except (orjson.JSONDecodeError, KeyError, TypeError):  # a crash before the secret was overwritten
            purpose = self._purpose_of(id_, dying.read_bytes())
            reason = "finished after a crash"
            overwrite(dying, canonical({"purpose": purpose, "reason": reason}))
        self._tombstone(purpose, id_, reason)
        dying.unlink()
        sync_folder(self._folder)

    def _purpose_of(self, id_: str, data: bytes) -> str:
        try:
            return self._unwrap(id_, data).purpose
        except KeyStoreError:
            return "unknown"


def make_store_key(path: Path) -> None:
    """Make a store key, readable by its owner alone. FileExistsError where there is one: losing it loses everything."""
    if path.exists():
        raise FileExistsError(f"{path} is there already; a new store key would make all data unreadable")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_store_key(path, {1: os.urandom(KEY_BYTES)})


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs the log, made at the first use, readable by its owner alone; it belongs beside the store key.

    Raises:
        KeyStoreError: Others may read it, or it is no such key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, os.urandom(KEY_BYTES).hex().encode() + b"\n")
    _private(path)
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError as error:
        raise KeyStoreError(f"{path} holds no signing key; right are 64 hex digits") from error


def _write_store_key(path: Path, generations: dict[int, bytes]) -> None:
    write_whole(path, canonical({str(n): b64encode(key).decode() for n, key in generations.items()}) + b"\n")


def _read_store_key(path: Path) -> dict[int, bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise KeyStoreError(
            f"there is no store key at {path}; make one, once, and keep a copy in a safe place"
        ) from None
    _private(path)
    try:
        found = {int(n): b64decode(text, validate=True) for n, text in orjson.loads(data).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise KeyStoreError(f"{path} holds no store key") from error
    if not found or any(len(key) != KEY_BYTES for key in found.values()):
        raise KeyStoreError(f"{path} holds no store key of {KEY_BYTES} bytes")
    return found


def _outside(store_key: Path, folder: Path) -> None:
    inside = folder.resolve().parent
    if store_key.resolve().is_relative_to(inside):
        raise KeyStoreError(
            f"the store key {store_key} lies inside the data folder {inside}: whoever copies the data would have it too"
        )


def _private(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyStoreError(f"others may read {path}: right is mode 600 (chmod 600 {path})")

"""Checkpoints: how long the log was and what its root was, signed by the shop, perhaps by an outside witness too."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from walkout.privacy.files import canonical

_TITLE: Final = "walkout checkpoint 1"
_WITNESS: Final = "walkout witness 1"


class CheckpointError(ValueError):
    """What should be a checkpoint is none, or its signature is not the one of the key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: the key that signs for it, entries, root, when (UTC nanoseconds), the Ed25519 signature."""

    key: bytes
    size: int
    root: bytes
    t_ns: int
    signature: bytes

    def text(self) -> bytes:
        """What is signed: five lines, readable."""
        return _text(self.key, self.size, self.root, self.t_ns)

    def hash(self) -> str:
        """A short name for it, for receipts and statements: SHA-256 of what is signed, in hex."""
        return sha256(self.text()).hexdigest()

    def encode(self) -> bytes:
        """One line of JSON without its end."""
        return canonical(
            {
                "key": b64encode(self.key).decode(),
                "size": self.size,
                "root": b64encode(self.root).decode(),
                "t_ns": self.t_ns,
                "signature": b64encode(self.signature).decode(),
            }
        )


def sign(key: Ed25519PrivateKey, size: int, root: bytes, t_ns: int) -> Checkpoint:
    """A signed checkpoint."""
    public = public_bytes(key)
    return Checkpoint(public, size, root, t_ns, key.sign(_text(public, size, root, t_ns)))


def decode(line: bytes, key: bytes | None = None) -> Checkpoint:
    """The checkpoint in a line of JSON, its signature checked; with `key`, no other key's will do.

    Raises:
        CheckpointError: Not a checkpoint, another key's, or a wrong signature.
    """
    try:
        value = orjson.loads(line)
        public, root, signature = (b64decode(value[name], validate=True) for name in ("key", "root", "signature"))
        made = Checkpoint(public, value["size"], root, value["t_ns"], signature)
        whole = made.encode() == line and type(value["size"]) is type(value["t_ns"]) is int
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError("not a checkpoint in JSON") from error
    if not whole:
        raise CheckpointError("not written as a checkpoint is written")
    if key is not None and public != key:
        raise CheckpointError(f"signed by another key ({fingerprint(public)}, not {fingerprint(key)})")
    _verify(public, signature, made.text(), "the signature is not of this checkpoint")
    return made


def cosign(key: Ed25519PrivateKey, seen: Checkpoint, t_ns: int) -> bytes:
    """A witness's line: the checkpoint and its own signature that it saw it at that time."""
    signature = key.sign(_witnessed(seen, t_ns))
    mark = {"key": b64encode(public_bytes(key)).decode(), "t_ns": t_ns, "signature": b64encode(signature).decode()}
    return canonical({"checkpoint": orjson.loads(seen.encode()), "witness": mark})


def witnessed(line: bytes, key: bytes | None = None) -> Checkpoint:
    """The checkpoint in a witness's line, both signatures checked; with `key`, no other witness's will do.

    Raises:
        CheckpointError: As `decode`, of either signature.
    """
    try:
        value = orjson.loads(line)
        seen = decode(canonical(value["checkpoint"]))
        mark = value["witness"]
        public, signature = (b64decode(mark[name], validate=True) for name in ("key", "signature"))
        text = _witnessed(seen, mark["t_ns"])
    except CheckpointError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError("not a witness's line in JSON") from error
    if key is not None and public != key:
        raise CheckpointError(f"witnessed by another key ({fingerprint(public)}, not {fingerprint(key)})")
    _verify(public, signature, text, "the witness's signature is not of this checkpoint")
    return seen


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint(public: bytes) -> str:
    """A short name of a public key, for people to compare: 16 hex digits of its SHA-256."""
    return sha256(public).hexdigest()[:16]


def _text(key: bytes, size: int, root: bytes, t_ns: int) -> bytes:
    return f"{_TITLE}\n{b64encode(key).decode()}\n{size}\n{b64encode(root).decode()}\n{t_ns}\n".encode()


def _witnessed(seen: Checkpoint, t_ns: int) -> bytes:
    return f"{_WITNESS}\n{t_ns}\n".encode() + seen.text()


def _verify(public: bytes, signature: bytes, text: bytes, wrong: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError) as error:
        raise CheckpointError(wrong) from error

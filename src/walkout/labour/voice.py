"""What those who review say of their work in public: in their own words, under a key that only they hold.

    text, month, key --the browser or `walkout review statement sign`--> signature --> the month's disclosure

Signed (Ed25519, RFC 8032) are six parts, one a line: a title, the store, the month, the key, the SHA-256 of the
statement that this one replaces (or nothing), and then the text as it is. Only the same key can replace what it signed,
and an empty text takes it back: whoever runs the shop can neither edit, nor invent, nor overtake a statement.
"""

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TITLE: Final = "walkout reviewers' statement 1"
KEY_TITLE: Final = "walkout reviewer's key 1"
LONGEST: Final = 4000
"""Characters of a statement."""
KIND: Final = "reviewers-statement"


class VoiceError(ValueError):
    """A statement or key that is not what it says; the words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One person's signed statement; `key` and `signature` in hex, `replaces` the SHA-256 of an earlier one or ""."""

    store: str
    month: str
    replaces: str
    text: str
    key: str
    signature: str

    def message(self) -> bytes:
        """What is signed."""
        return message(self.store, self.month, self.key, self.replaces, self.text)

    @property
    def sha256(self) -> str:
        """The statement's name in the log: of what is signed."""
        return sha256(self.message()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """The copy that its writer keeps, for JSON."""
        return {"kind": KIND, **asdict(self)}


def message(store: str, month: str, key: str, replaces: str, text: str) -> bytes:
    """The bytes that are signed. Raises VoiceError for what could be read in two ways, or is no text."""
    if "\n" in store + month + key + replaces:
        raise VoiceError("found a line break before the text, right: only the text may have some")
    try:
        return "\n".join((TITLE, store, month, key, replaces, text)).encode()
    except UnicodeEncodeError as error:
        raise VoiceError("found half a character in the text, right: text that can be written as UTF-8") from error


def key_message(store: str, key: str) -> bytes:
    """What shows that somebody holds a key: the store and the key, signed with it."""
    return f"{KEY_TITLE}\n{store}\n{key}".encode()


def verify(voice: Voice) -> Voice:
    """The same statement, its signature checked. Raises VoiceError."""
    if len(voice.text) > LONGEST:
        raise VoiceError(f"found {len(voice.text)} characters, right: at most {LONGEST}")
    if "\x00" in voice.text:
        raise VoiceError("found a character that is none, right: text")
    _verify(voice.key, voice.signature, voice.message(), "the signature is not of this text under this key")
    return voice


def verify_key(store: str, key: str, proof: str) -> str:
    """The same key, after it was shown that it is held. Raises VoiceError."""
    _verify(key, proof, key_message(store, key), "the proof is not this key's for this store")
    return key


def sign(private: Ed25519PrivateKey, store: str, month: str, replaces: str, text: str) -> Voice:
    """A signed statement. Raises VoiceError as `message` and `verify` do."""
    key = public(private)
    signature = private.sign(message(store, month, key, replaces, text)).hex()
    return verify(Voice(store, month, replaces, text, key, signature))


def prove(private: Ed25519PrivateKey, store: str) -> str:
    """The proof that somebody holds this key, in hex."""
    return private.sign(key_message(store, public(private))).hex()


def public(private: Ed25519PrivateKey) -> str:
    """The public key, in hex."""
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _verify(key: str, signature: str, signed: bytes, wrong: str) -> None:
    try:
        bytes_ = bytes.fromhex(key), bytes.fromhex(signature)
        if (bytes_[0].hex(), bytes_[1].hex()) != (key, signature):  # one way to write each, so that copies are equal
            raise VoiceError("found a key or signature that is not in lower hex digits, right: 64 and 128 of them")
        Ed25519PublicKey.from_public_bytes(bytes_[0]).verify(bytes_[1], signed)
    except VoiceError:
        raise
    except (InvalidSignature, ValueError) as error:
        raise VoiceError(f"{wrong}: it was changed, or signed elsewhere") from error

"""The statements that people made of their work, and the public keys that they hold, as they gave them."""

from dataclasses import dataclass

from sqlalchemy import Row, insert, select

from walkout.labour import tables
from walkout.labour.ledger import LabourError, LabourLedger
from walkout.labour.voice import Voice, VoiceError, verify, verify_key


@dataclass(frozen=True, slots=True)
class Said:
    """One statement as it was given."""

    worker: str
    voice: Voice
    said_ns: int


class Voices:
    """The keys and statements of one store's reviewers. Nothing of it is ever changed: a later one replaces."""

    def __init__(self, ledger: LabourLedger, store: str) -> None:
        self._ledger, self.store = ledger, store

    def keys(self, worker: str) -> tuple[tuple[str, int], ...]:
        """The public keys that stand in a person's name, each with when it was registered; the oldest first."""
        of = tables.voice_keys.c
        query = select(of.key, of.registered_ns).where(of.worker == worker).order_by(of.registered_ns, of.key)
        with self._ledger.reading.begin() as connection:
            return tuple((row.key, row.registered_ns) for row in connection.execute(query))

    def register(self, worker: str, key: str, proof: str) -> None:
        """Put a public key in a person's name; again it does nothing. LabourError for another's, or one not held."""
        try:
            verify_key(self.store, key, proof)
        except VoiceError as error:
            raise LabourError(str(error)) from error
        of = tables.voice_keys.c
        with self._ledger.engine.begin() as connection:
            owner = connection.execute(select(of.worker).where(of.key == key)).scalar_one_or_none()
            if owner is None:
                now_ns = self._ledger.clock.now_ns()
                row = {"key": key, "worker": worker, "proof": proof, "registered_ns": now_ns}
                connection.execute(insert(tables.voice_keys).values(row))
            elif owner != worker:
                raise LabourError("found a key of somebody else, right: one that you made yourself")

    def say(self, worker: str, voice: Voice) -> str:
        """Keep a signed statement; gives its SHA-256, and does nothing for one that is there.

        Raises LabourError where its key is not in the person's name, where it is not signed, or where it does not
        replace what the same key said last of that month.
        """
        try:
            verify(voice)
        except VoiceError as error:
            raise LabourError(str(error)) from error
        if voice.store != self.store:
            raise LabourError(f"found a statement for {voice.store[:60]!r}, right: {self.store!r}")
        of, keys = tables.voices.c, tables.voice_keys.c
        with self._ledger.engine.begin() as connection:
            owner = connection.execute(select(keys.worker).where(keys.key == voice.key).with_for_update()).scalar()
            if owner != worker:
                raise LabourError("found a key that is not in your name, right: register it first")
            query = select(of.sha256).where((of.key == voice.key) & (of.month == voice.month)).order_by(of.number)
            before = list(connection.execute(query).scalars())
            if voice.sha256 in before:
                return voice.sha256
            last = before[-1] if before else ""
            if voice.replaces != last:
                raise LabourError(
                    f"found one that replaces {voice.replaces[:12] or 'none'}, right: {last[:12] or 'none'}"
                )
            row = {"worker": worker, "month": voice.month, "key": voice.key, "number": len(before)}
            row |= {"store": voice.store, "replaces": voice.replaces, "text": voice.text, "signature": voice.signature}
            row |= {"sha256": voice.sha256, "said_ns": self._ledger.clock.now_ns()}
            connection.execute(insert(tables.voices).values(row))
        return voice.sha256

    def said(self, worker: str) -> tuple[Said, ...]:
        """All statements of a person, the oldest first."""
        query = select(tables.voices).where(tables.voices.c.worker == worker).order_by(tables.voices.c.said_ns)
        with self._ledger.reading.begin() as connection:
            return tuple(Said(row.worker, voice_of(row), row.said_ns) for row in connection.execute(query))


def voice_of(row: Row[tuple[object, ...]]) -> Voice:
    """The statement of a row of `labour_voices`."""
    return Voice(row.store, row.month, row.replaces, row.text, row.key, row.signature)

"""A witness outside the shop: it keeps each checkpoint that continues the one before, and signs that it saw it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from walkout.privacy.checkpoint import Checkpoint, CheckpointError, cosign, public_bytes, witnessed
from walkout.privacy.files import write_whole
from walkout.privacy.merkle import verify_consistency

COPY: Final = "witness.jsonl"


class Witness:
    """Somebody else's copy of the checkpoints of one log, in a folder of theirs, under a key of theirs."""

    def __init__(self, folder: Path, key: Ed25519PrivateKey) -> None:
        self._path, self._key = folder / COPY, key
        folder.mkdir(parents=True, exist_ok=True)

    def last(self) -> Checkpoint | None:
        """The newest that it saw; the log proves that the next one continues it."""
        lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        return witnessed(lines[-1], public_bytes(self._key)) if lines else None

    def see(self, new: Checkpoint, proof: Sequence[bytes], now_ns: int) -> bytes:
        """Check that a checkpoint continues the last one, keep it, and return the cosigned line.

        Raises:
            CheckpointError: It does not: the log was rewritten, or is another one.
        """
        last = self.last()
        if last is not None:
            if new.key != last.key:
                raise CheckpointError("this checkpoint is signed by another key than the last one")
            if last.size and not verify_consistency(last.size, new.size, last.root, new.root, proof):
                raise CheckpointError(
                    f"the log of {new.size} entries does not begin with the {last.size} that were witnessed"
                )
        line = cosign(self._key, new, now_ns)
        before = self._path.read_bytes() if self._path.exists() else b""
        write_whole(self._path, before + line + b"\n", 0o644)
        return line

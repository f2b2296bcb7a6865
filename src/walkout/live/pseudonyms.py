"""Names for tagged items that last no longer than a visit needs.

By a tag's serial number somebody could be known again. A name is a keyed digest of product and serial number. The key
lives ten minutes in one small file, so that a restart goes on with it, and is then overwritten: what a journal holds
from before cannot be told from any tag any more, nor two visits of one item from each other. What was heard in the ten
seconds before keys change keeps its name for ten seconds.
"""

import hashlib
import os
import secrets as random
from dataclasses import dataclass, field
from pathlib import Path

SLOT_NS = 600 * 1_000_000_000
KEEP_NS = 10 * 1_000_000_000
KEY = "tags"
NAME_DIGITS = 12


@dataclass(slots=True)
class Pseudonyms:
    """The names of one shop; `folder` keeps the key from one start to the next, None: in memory alone."""

    folder: Path | None = None
    _slot: int = -1
    _key: bytes = b""
    _since_ns: int = 0
    _names: dict[tuple[str, int], str] = field(default_factory=dict)
    _before: dict[tuple[str, int], str] = field(default_factory=dict)

    def name(self, gtin: str, serial: int, arrived_ns: int) -> str:
        """The item's name by our own clock; OSError where the key cannot be kept."""
        slot = arrived_ns // SLOT_NS
        if slot > self._slot:
            self._turn(slot, arrived_ns)
        if self._before and arrived_ns - self._since_ns > KEEP_NS:
            self._before = {}
        who = (gtin, serial)
        if (known := self._before.get(who) or self._names.get(who)) is not None:
            return known
        made = hashlib.blake2b(f"{gtin}/{serial}".encode(), key=self._key, digest_size=NAME_DIGITS // 2).hexdigest()
        self._names[who] = made
        return made

    def _turn(self, slot: int, arrived_ns: int) -> None:
        """Forget the key and make another; at a start, take that of this very slot where there is one."""
        first = self._slot < 0
        self._before, self._names = self._names, {}
        self._slot, self._since_ns = slot, arrived_ns
        found = self._kept() if first else None
        if found is not None and found[0] == slot:
            self._key = found[1]
            return
        self._key = random.token_bytes(32)
        if self.folder is not None:
            part = self.folder / f".{KEY}"
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(f"{slot} {self._key.hex()}\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / KEY)

    def _kept(self) -> tuple[int, bytes] | None:
        if self.folder is None:
            return None
        try:
            slot, _, key = (self.folder / KEY).read_text("ascii").partition(" ")
            return int(slot), bytes.fromhex(key.strip())
        except (OSError, ValueError):
            return None

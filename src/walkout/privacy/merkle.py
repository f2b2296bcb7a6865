"""The Merkle tree of RFC 6962 (section 2.1): roots, proofs that an entry is in, proofs that nothing was rewritten.

Proofs are checked as RFC 9162 describes (sections 2.1.3.2 and 2.1.4.2). SHA-256 throughout; hashes are 32 bytes.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

EMPTY_ROOT: Final = sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry; its prefix keeps an entry from posing as an inner node."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(_NODE + left + right).digest()


class Tree:
    """A tree that only grows: every complete subtree's hash is kept, so that an entry or a proof costs log n hashes."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next entry."""
        level, hash_ = 0, leaf
        while True:
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(hash_)
            if len(self._levels[level]) % 2:
                return
            hash_ = node_hash(*self._levels[level][-2:])
            level += 1

    def leaf(self, index: int) -> bytes:
        """The hash of one entry."""
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` entries (None: of all)."""
        size = len(self) if size is None else size
        self._within(size)
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that entry `index` is among the first `size`, from the leaf up. ValueError where it is not."""
        size = len(self) if size is None else size
        self._within(size)
        if not 0 <= index < size:
            raise ValueError(f"entry {index} of a tree of {size}; right is 0 to {size - 1}")
        proof: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                start = middle
        return tuple(reversed(proof))

    def consistency(self, first: int, size: int | None = None) -> tuple[bytes, ...]:
        """The proof that the first `size` entries begin with the first `first`. ValueError where they cannot."""
        size = len(self) if size is None else size
        self._within(size)
        if not 0 < first <= size:
            raise ValueError(f"a tree of {size} beginning with one of {first}; right is 1 to {size}")
        proof: list[bytes] = []
        start, end, whole = 0, size, True
        while start + first < end:
            middle = start + _split(end - start)
            if start + first <= middle:
                proof.append(self._range(middle, end))
                end = middle
            else:
                proof.append(self._range(start, middle))
                first -= middle - start
                start, whole = middle, False
        if not whole:
            proof.append(self._range(start, end))
        return tuple(reversed(proof))

    def _within(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise ValueError(f"a tree of {size} entries was asked for, there are {len(self)}")

    def _range(self, start: int, end: int) -> bytes:
        """The root over [start, end), where `start` is a multiple of the largest power of two below its length."""
        size = end - start
        if size & (size - 1) == 0 and start % size == 0:
            level = size.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + _split(size)
        return node_hash(self._range(start, middle), self._range(middle, end))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the entry with this leaf hash is number `index` of the `size` under the root."""
    if not 0 <= index < size:
        return False
    at, last, hash_ = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            hash_ = node_hash(step, hash_)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, step)
        at, last = at >> 1, last >> 1
    return last == 0 and hash_ == root


def verify_consistency(first: int, size: int, first_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of `size` begins with the tree of `first`, by their roots."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not proof and first_root == root
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    if not steps:
        return False
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == root


def _split(size: int) -> int:
    """The largest power of two below a size of 2 or more."""
    return 1 << ((size - 1).bit_length() - 1)

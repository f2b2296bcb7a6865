"""Random numbers by name: each part of the twin has a stream of its own, so that adding one changes no other."""

from hashlib import blake2b

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """The stream of random numbers that belongs to `names` under a seed; the same on every machine."""
    digest = blake2b("/".join(str(name) for name in names).encode(), digest_size=16).digest()
    key = tuple(int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=key)))


def number(*names: object) -> int:
    """A fixed 64-bit number for these names."""
    return int.from_bytes(blake2b("/".join(str(name) for name in names).encode(), digest_size=8).digest(), "little")

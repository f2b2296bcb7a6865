"""One input for a fuzzer of the store folder's parsers; a test runs some, a bench may run very many."""

import pytest

from walkout.store.folder import FILES, examine, pack, unpack
from walkout.store.problem import StoreError

from .strategies import small_store

_SAMPLE = pack(small_store())


def fuzz_store(data: bytes) -> None:
    """Read any bytes as a shop: either a shop that its files keep, or errors with their places; never anything else.

    The first byte chooses: which file the rest replaces, or into which file, and where, it is spliced.
    """
    choice, rest = (data[0], data[1:]) if data else (0, b"")
    name = FILES[choice % 3]
    old = _SAMPLE[name]
    if choice < 96:
        new = rest
    else:
        at = (int.from_bytes(rest[:2], "big") * len(old)) >> 16
        cut = rest[2] % 32 if len(rest) > 2 else 0
        new = old[:at] + rest[3:] + old[at + cut :]
    files = {**_SAMPLE, name: new}
    store, problems = examine(files)
    assert all(str(problem) for problem in problems)
    assert (store is None) == any(problem.level == "error" for problem in problems)
    if store is None:
        with pytest.raises(StoreError):
            unpack(files)
    else:
        assert unpack(pack(store)) == store

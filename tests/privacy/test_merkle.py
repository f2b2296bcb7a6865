"""The Merkle tree against the published vectors of Certificate Transparency, and against the RFC's own definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.privacy.merkle import (
    EMPTY_ROOT,
    Tree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (2, 8): INCLUSION[0, 8][1:],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def grown(entries: list[bytes]) -> Tree:
    tree = Tree()
    for entry in entries:
        tree.add(leaf_hash(entry))
    return tree


PUBLISHED = grown([bytes.fromhex(entry) for entry in ENTRIES])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert PUBLISHED.root(size).hex() == ROOTS[size]
    assert grown([bytes.fromhex(entry) for entry in ENTRIES[:size]]).root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION, ids=str)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = PUBLISHED.inclusion(index, size)
    assert [step.hex() for step in proof] == INCLUSION[index, size]
    assert verify_inclusion(PUBLISHED.leaf(index), index, size, proof, PUBLISHED.root(size))


@pytest.mark.parametrize(("first", "size"), CONSISTENCY, ids=str)
def test_consistency_proofs_are_the_published_ones(first: int, size: int) -> None:
    proof = PUBLISHED.consistency(first, size)
    assert [step.hex() for step in proof] == CONSISTENCY[first, size]
    assert verify_consistency(first, size, PUBLISHED.root(first), PUBLISHED.root(size), proof)


def defined(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return node_hash(defined(entries[:split]), defined(entries[split:]))


ENTRY_LISTS = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@given(ENTRY_LISTS, st.data())
def test_every_proof_holds_and_no_other_entry_has_it(entries: list[bytes], data: st.DataObject) -> None:
    tree = grown(entries)
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    root = tree.root(size)
    assert root == defined(entries[:size])
    proof = tree.inclusion(index, size)
    assert verify_inclusion(leaf_hash(entries[index]), index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"another entry"), index, size, proof, root)
    assert not verify_inclusion(leaf_hash(entries[index]), index, size, (*proof, root), root)
    if proof:
        assert not verify_inclusion(leaf_hash(entries[index]), index, size, proof[:-1], root)


@given(ENTRY_LISTS, st.data())
def test_a_rewritten_past_has_no_consistency_proof(entries: list[bytes], data: st.DataObject) -> None:
    tree = grown(entries)
    first = data.draw(st.integers(1, len(entries)))
    proof = tree.consistency(first)
    assert verify_consistency(first, len(entries), tree.root(first), tree.root(), proof)
    changed = data.draw(st.integers(0, first - 1))
    other = grown([b"another entry" if k == changed else entry for k, entry in enumerate(entries)])
    assert not verify_consistency(first, len(entries), tree.root(first), other.root(), other.consistency(first))
    assert not verify_consistency(first, len(entries), other.root(first), tree.root(), proof)


def test_what_is_not_there_is_refused() -> None:
    assert Tree().root() == EMPTY_ROOT
    with pytest.raises(ValueError, match="right is 0 to 7"):
        PUBLISHED.inclusion(8)
    with pytest.raises(ValueError, match="there are 8"):
        PUBLISHED.root(9)
    with pytest.raises(ValueError, match="right is 1 to 8"):
        PUBLISHED.consistency(0)
    assert not verify_inclusion(b"", 3, 3, (), b"")
    assert not verify_consistency(3, 2, b"", b"", ())

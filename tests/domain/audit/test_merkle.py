"""Merkle trees follow RFC 6962, and a proof fits exactly one position."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.audit.verify_archive import Wrong, climb
from domain.audit.merkle import inclusion_proof, leaf, root

SIZES = st.integers(min_value=1, max_value=70)


def leaves_of(size: int) -> list[bytes]:
    return [leaf(bytes([number])) for number in range(size)]


def defined(leaves: list[bytes]) -> bytes:
    """The tree hash as the standard defines it, recursively."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + defined(leaves[:half]) + defined(leaves[half:])).digest()


def is_included(entry: bytes, index: int, size: int, proof: list[bytes], expected: bytes) -> bool:
    """Return whether somebody who has only the proof accepts the entry."""
    try:
        return climb(entry, index, size, proof) == expected
    except Wrong:
        return False


@pytest.mark.parametrize("size", range(40))
def test_root_matches_its_definition(size: int) -> None:
    assert root(leaves_of(size)) == defined(leaves_of(size))


def test_root_matches_known_values() -> None:
    # From the test vectors of Certificate Transparency.
    assert leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    data = [b"", b"\x00", b"\x10"]
    expected = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert root([leaf(each) for each in data]).hex() == expected


@given(SIZES, st.data())
def test_every_leaf_has_an_inclusion_proof(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))

    proof = inclusion_proof(leaves, index)

    assert len(proof) <= size.bit_length()
    assert is_included(leaves[index], index, size, proof, root(leaves))


@given(SIZES, st.data())
def test_an_inclusion_proof_fits_no_other_leaf(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    other = data.draw(st.integers(min_value=-1, max_value=size).filter(lambda n: n != index))
    proof, expected = inclusion_proof(leaves, index), root(leaves)

    assert not is_included(leaf(b"forged"), index, size, proof, expected)
    assert not is_included(leaves[index], other, size, proof, expected)
    assert not is_included(leaves[index], index, size, [*proof, leaf(b"more")], expected)
    if proof:
        assert not is_included(leaves[index], index, size, proof[:-1], expected)
        assert not is_included(leaves[index], index, size, [proof[0][::-1], *proof[1:]], expected)


def test_order_of_leaves_matters() -> None:
    one, two = leaves_of(2)

    assert root([one, two]) != root([two, one])

"""The tree against RFC 9162's own definition, for every shape."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.audit.merkle import EMPTY, leaf_hash, node_hash, path_to, root_from, root_of

LEAVES = st.lists(st.binary(max_size=8).map(leaf_hash), min_size=1, max_size=40)


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


def test_root_of_nothing() -> None:
    assert root_of([]) == EMPTY == hashlib.sha256().digest()


def test_leaf_and_node_cannot_pass_for_each_other() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)


@given(LEAVES)
def test_root_is_the_one_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == root_by_definition(leaves)


@given(LEAVES, st.data())
def test_path_leads_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = path_to(leaves, index)
    assert root_from(leaves[index], index, len(leaves), path) == root_of(leaves)


@given(LEAVES, st.data())
def test_path_of_another_leaf_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = path_to(leaves, index)
    stranger = leaf_hash(b"not in the tree")
    assert root_from(stranger, index, len(leaves), path) != root_of(leaves)
    assert root_from(leaves[index], index, len(leaves), [*path, stranger]) is None
    if path:
        assert root_from(leaves[index], index, len(leaves), path[:-1]) is None


@pytest.mark.parametrize("index", [-1, 3])
def test_path_outside_the_tree_is_refused(index: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(3)]
    with pytest.raises(IndexError):
        path_to(leaves, index)
    assert root_from(leaves[0], index, 3, []) is None

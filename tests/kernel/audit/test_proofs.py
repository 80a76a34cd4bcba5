"""A proof holds for a stranger, and nothing else does."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.audit import merkle, signing
from lianxin.kernel.audit.checkpoints import seal_checkpoint
from lianxin.kernel.audit.proofs import Proof, inclusion_proof, verify_proof
from lianxin.kernel.refusals import NotFound
from tests.kernel.audit.conftest import NOON, entry, some_log

CHANGES = ("entry_hash", "leaf_hash", "root", "previous", "signature", "public_key")


def made_proof(size: int, index: int) -> Proof:
    """A true proof made by hand, without a database."""
    hashes = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    leaves = [merkle.leaf_hash(own) for own in hashes]
    root, at, previous = merkle.root_of(leaves).hex(), NOON.isoformat(), merkle.EMPTY.hex()
    text = f"lianxin checkpoint 1\n5\n{at}\n{size}\n{root}\n{previous}".encode()
    public_key, signature = signing.sign(text)
    return {
        "version": 1,
        "entry_hash": hashes[index].hex(),
        "leaf_hash": leaves[index].hex(),
        "index": index,
        "size": size,
        "path": [node.hex() for node in merkle.path_to(leaves, index)],
        "root": root,
        "checkpoint": 5,
        "at": at,
        "previous": previous,
        "signature": signature.hex(),
        "public_key": public_key.hex(),
    }


PROOFS = st.integers(1, 30).flatmap(
    lambda size: st.builds(made_proof, st.just(size), st.integers(0, size - 1))
)


@pytest.mark.django_db
def test_proof_of_every_entry_holds_after_a_journey_as_text() -> None:
    entries = some_log()
    seal_checkpoint(at=NOON)
    for one in entries:
        proof = json.loads(json.dumps(inclusion_proof(one)))
        assert verify_proof(proof)
        assert verify_proof(proof, public_key=signing.own_public_key().hex())
        assert proof["entry_hash"] == one.hash.hex()


@pytest.mark.django_db
def test_proof_is_refused_until_a_checkpoint_holds_the_entry() -> None:
    some_log()
    seal_checkpoint(at=NOON)
    with pytest.raises(NotFound) as refusal:
        inclusion_proof(entry("case:1"))
    assert refusal.value.code == "not_sealed_yet"


@given(PROOFS)
def test_a_true_proof_holds(proof: Proof) -> None:
    assert verify_proof(proof)
    assert not verify_proof(proof, public_key="00" * 32)


@given(PROOFS, st.sampled_from(CHANGES), st.integers(0, 31), st.integers(1, 255))
def test_a_changed_byte_breaks_it(proof: Proof, name: str, place: int, flip: int) -> None:
    changed = bytearray.fromhex(proof[name])
    changed[place] ^= flip
    assert not verify_proof(proof | {name: changed.hex()})


@given(PROOFS, st.data())
def test_a_changed_number_or_path_breaks_it(proof: Proof, data: st.DataObject) -> None:
    other = copy.deepcopy(proof)
    name = data.draw(st.sampled_from(["index", "size", "checkpoint", "at", "path", "version"]))
    if name == "path":
        other["path"] = data.draw(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), max_size=6))
    elif name == "at":
        other["at"] = data.draw(st.text(max_size=20))
    else:
        other[name] = data.draw(st.integers(-2, 40))
    assert verify_proof(other) == (other == proof)


@given(st.dictionaries(st.text(max_size=12), st.none() | st.integers() | st.text(max_size=8), max_size=5))
def test_whatever_is_not_a_proof_does_not_hold(rubbish: Proof) -> None:
    assert not verify_proof(rubbish)


@given(PROOFS, st.sampled_from(["path", "index", "signature", "root", "at"]))
def test_a_missing_or_misshapen_part_does_not_raise(proof: Proof, name: str) -> None:
    assert not verify_proof({key: value for key, value in proof.items() if key != name})
    assert not verify_proof(proof | {name: None})

"""Inclusion proofs: that an entry stands in a signed checkpoint, checkable by a stranger with nothing of ours.

A proof is a plain dictionary of numbers and hex text. ``docs/adr/0007-log.md`` says how to check one by hand.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from lianxin.kernel.audit import merkle, signing
from lianxin.kernel.audit.models import Leaf, LogEntry
from lianxin.kernel.clock import CHINA
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text

Proof = dict[str, Any]


def inclusion_proof(entry: LogEntry, *, public_key: bytes | None = None) -> Proof:
    """The proof for an entry; raises ``NotFound("not_sealed_yet")`` until a checkpoint holds it.

    ``public_key`` is the one the checkpoint was signed with, when that is no longer our own.
    """
    leaf = Leaf.objects.select_related("checkpoint").filter(entry=entry).first()
    if leaf is None:
        raise NotFound(
            "not_sealed_yet",
            Text(
                "这条记录还未进入检查点，请稍后再来。",
                "No checkpoint holds this entry yet. Come back a little later.",
            ),
        )
    checkpoint = leaf.checkpoint
    hashes = (
        Leaf.objects.filter(checkpoint=checkpoint).order_by("position").values_list("entry__hash", flat=True)
    )
    leaves = [merkle.leaf_hash(bytes(own)) for own in hashes]
    return {
        "version": 1,
        "entry_hash": bytes(entry.hash).hex(),
        "leaf_hash": leaves[leaf.position].hex(),
        "index": leaf.position,
        "size": checkpoint.size,
        "path": [node.hex() for node in merkle.path_to(leaves, leaf.position)],
        "root": bytes(checkpoint.root).hex(),
        "checkpoint": checkpoint.number,
        "at": checkpoint.at.astimezone(CHINA).isoformat(),
        "previous": bytes(checkpoint.previous).hex(),
        "signature": bytes(checkpoint.signature).hex(),
        "public_key": (public_key or signing.own_public_key()).hex(),
    }


def verify_proof(proof: Mapping[str, Any], *, public_key: str | None = None) -> bool:
    """Whether a proof holds in itself; with ``public_key`` (hex), also whether it was signed by that key.

    Never raises: whatever is not a proof does not hold.
    """
    try:
        return _holds(proof) and public_key in (None, proof["public_key"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def entry_hash(*, stream: str, seq: int, body: str, prev_hash: bytes | memoryview) -> bytes:
    """The hash that the database gives an entry: what was said, where, and after what."""
    return hashlib.sha256(bytes(prev_hash) + f"{stream}\n{seq}\n{body}".encode()).digest()


def genesis(stream: str) -> bytes:
    """What the first entry of a stream has as the hash before it."""
    return hashlib.sha256(stream.encode()).digest()


def _holds(proof: Mapping[str, Any]) -> bool:
    if proof["version"] != 1 or type(proof["index"]) is not int or type(proof["size"]) is not int:
        return False
    leaf = merkle.leaf_hash(bytes.fromhex(proof["entry_hash"]))
    path = [bytes.fromhex(node) for node in proof["path"]]
    root = merkle.root_from(leaf, proof["index"], proof["size"], path)
    if root is None or leaf.hex() != proof["leaf_hash"] or root.hex() != proof["root"]:
        return False
    text = "\n".join(
        (
            "lianxin checkpoint 1",
            str(proof["checkpoint"]),
            proof["at"],
            str(proof["size"]),
            proof["root"],
            proof["previous"],
        )
    )
    return signing.signed_by(
        bytes.fromhex(proof["public_key"]), bytes.fromhex(proof["signature"]), text.encode()
    )

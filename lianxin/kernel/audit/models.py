"""The log: entries chained per stream, a head per stream, and checkpoints over all of them.

The database does the chaining (see the first migration): a trigger gives each entry its number in the
stream, the hash before it and its own, and refuses updates, deletes and truncation.
"""

import json
from typing import Any

from django.db import models


class LogEntry(models.Model):
    """One act, told once and never changed.

    ``body`` is canonical JSON, exactly the text that was hashed:
    ``hash = SHA-256(prev_hash || stream || LF || seq || LF || body)``. The columns beside it repeat parts of
    the body for look-up, and ``lianxin verify`` compares them.
    """

    stream = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    body = models.TextField()
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_one_seq_per_stream")]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.action}"

    @property
    def told(self) -> dict[str, Any]:
        """The body, read: ``action actor after at before reason request``."""
        return dict(json.loads(self.body))


class StreamHead(models.Model):
    """The last entry of a stream: a log cut short no longer agrees with its heads."""

    stream = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.stream} at {self.seq}"


class Checkpoint(models.Model):
    """A Merkle root (RFC 9162 §2.1) over the entries since the last checkpoint, signed with Ed25519.

    ``previous`` is the hash of the checkpoint before, so checkpoints form a chain of their own. ``last_entry``,
    ``horizon`` and ``floor`` are book-keeping for the next one (see :mod:`lianxin.kernel.audit.checkpoints`).
    """

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    size = models.IntegerField()
    root = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    key_id = models.CharField(max_length=32)
    signature = models.BinaryField()
    last_entry = models.BigIntegerField()
    horizon = models.BigIntegerField()
    floor = models.BigIntegerField()

    def __str__(self) -> str:
        return f"checkpoint {self.number}"


class Leaf(models.Model):
    """The place of an entry in its checkpoint's tree."""

    entry = models.OneToOneField(LogEntry, on_delete=models.PROTECT, primary_key=True, related_name="leaf")
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="leaves")
    position = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "position"], name="audit_one_leaf_per_position")
        ]

    def __str__(self) -> str:
        return f"leaf {self.position} of {self.checkpoint_id}"


class Countersignature(models.Model):
    """Another body's signature under a checkpoint, so that nobody alone can rewrite history."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="countersignatures")
    body_name = models.CharField(max_length=120)
    key_id = models.CharField(max_length=32)
    public_key = models.BinaryField()
    signature = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "key_id"], name="audit_one_countersignature_per_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.body_name} under {self.checkpoint_id}"

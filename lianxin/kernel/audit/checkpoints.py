"""Checkpoints: a signed Merkle root over the entries since the last one, repeated outside the database.

Which entries are new? Ids are drawn before a transaction commits, so an entry may appear below ids already sealed.
Each checkpoint therefore notes the highest id it saw (``last_entry``) and the newest transaction then begun
(``horizon``). Once every transaction up to the horizon of the checkpoint *after* it has ended, nothing can still
appear at or below ``last_entry``, and the next search starts there (``floor``) instead of at the beginning of time.
"""

import hashlib
from datetime import datetime

from django.db import connection, transaction

from lianxin.kernel.audit import anchors, merkle, signing
from lianxin.kernel.audit.models import Checkpoint, Countersignature
from lianxin.kernel.clock import CHINA
from lianxin.kernel.refusals import Conflict, Refused
from lianxin.kernel.text import Text

# A proof reads its whole tree; more entries than this become several checkpoints.
MOST_LEAVES = 65_536
# Any number that nobody else uses.
_LOCK = 7_301_954

_NEW = """SELECT e.id, e.hash FROM audit_logentry e
WHERE e.id > %s AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT %s"""
_XMIN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_XMAX = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


def seal_checkpoint(*, at: datetime) -> Checkpoint | None:
    """Seal the entries that no checkpoint holds yet, at most 65,536, oldest first; None when there are none.

    Of two callers at once the second waits and then finds nothing left. The anchor is written after the commit;
    one that a crash swallowed is written by the next call.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        transaction.on_commit(write_anchors)
        last = Checkpoint.objects.order_by("-number").first()
        xmin = _number(_XMIN)
        cursor.execute(_NEW, [last.floor if last else 0, MOST_LEAVES])
        rows = [(pk, bytes(own)) for pk, own in cursor.fetchall()]
        if not rows:
            return None
        checkpoint = _make(last, [merkle.leaf_hash(own) for _pk, own in rows], at)
        checkpoint.last_entry = rows[-1][0]
        checkpoint.horizon = _number(_XMAX)
        checkpoint.floor = min(_settled(xmin), checkpoint.last_entry)
        checkpoint.save(force_insert=True)
        cursor.execute(
            """INSERT INTO audit_leaf (entry_id, checkpoint_id, position)
            SELECT entry, %s, place - 1 FROM unnest(%s::bigint[]) WITH ORDINALITY AS t (entry, place)""",
            [checkpoint.pk, [pk for pk, _own in rows]],
        )
    return checkpoint


def seal_all(*, at: datetime) -> list[Checkpoint]:
    """Seal until nothing is left."""
    made = []
    while checkpoint := seal_checkpoint(at=at):
        made.append(checkpoint)
    return made


def countersign(
    checkpoint: Checkpoint, *, body_name: str, public_key: bytes, signature: bytes, at: datetime
) -> Countersignature:
    """Keep another body's Ed25519 signature over the checkpoint's text.

    Raises ``Refused("signature_invalid")`` when it is not that key's, or is our own; ``Conflict`` for a second
    one by the same key.
    """
    ours = public_key == signing.own_public_key()
    if ours or not signing.signed_by(public_key, signature, text_of(checkpoint)):
        raise Refused(
            "signature_invalid",
            Text("签名与该检查点不符。", "The signature does not fit this checkpoint."),
            field="signature",
        )
    key_id = signing.fingerprint(public_key)
    with transaction.atomic():
        countersignature, created = Countersignature.objects.get_or_create(
            checkpoint=checkpoint,
            key_id=key_id,
            defaults={"body_name": body_name, "public_key": public_key, "signature": signature, "at": at},
        )
        if not created:
            raise Conflict("already_countersigned", Text("该机构已签署。", "This body has already signed."))
        transaction.on_commit(write_anchors)
    return countersignature


def text_of(checkpoint: Checkpoint) -> bytes:
    """The text that is hashed and signed: fixed lines, readable by eye, the same for every reader."""
    return "\n".join(
        (
            "lianxin checkpoint 1",
            str(checkpoint.number),
            checkpoint.at.astimezone(CHINA).isoformat(),
            str(checkpoint.size),
            bytes(checkpoint.root).hex(),
            bytes(checkpoint.previous).hex(),
        )
    ).encode()


def hash_of(checkpoint: Checkpoint) -> bytes:
    """What the next checkpoint names as ``previous``."""
    return hashlib.sha256(text_of(checkpoint)).digest()


def write_anchors() -> None:
    """Append to the anchor file what the database has and the file lacks."""
    anchors.add(_lacking)


def _lacking(lines: list[anchors.Line]) -> list[anchors.Line]:
    sealed = max((line["number"] for line in lines if line["kind"] == "checkpoint"), default=0)
    signed = {(line["number"], line["key"]) for line in lines if line["kind"] == "countersignature"}
    keys = {line["key"] for line in lines if line["kind"] == "key"}
    fresh: list[anchors.Line] = []
    own = signing.own_public_key()
    if signing.fingerprint(own) not in keys:
        fresh.append({"kind": "key", "key": signing.fingerprint(own), "public": own.hex()})
    fresh += map(anchor_of, Checkpoint.objects.filter(number__gt=sealed).order_by("number"))
    signs = Countersignature.objects.select_related("checkpoint").order_by("id")
    fresh += [countersignature_anchor(s) for s in signs if (s.checkpoint.number, s.key_id) not in signed]
    return fresh


def anchor_of(checkpoint: Checkpoint) -> anchors.Line:
    """The line that stands for a checkpoint."""
    return {"kind": "checkpoint", "number": checkpoint.number, "hash": bytes(checkpoint.hash).hex()}


def countersignature_anchor(countersignature: Countersignature) -> anchors.Line:
    """The line that stands for a countersignature."""
    return {
        "kind": "countersignature",
        "number": countersignature.checkpoint.number,
        "key": countersignature.key_id,
        "signature": bytes(countersignature.signature).hex(),
        "body": countersignature.body_name,
    }


def _make(last: Checkpoint | None, leaves: list[bytes], at: datetime) -> Checkpoint:
    checkpoint = Checkpoint(
        number=last.number + 1 if last else 1,
        at=at,
        size=len(leaves),
        root=merkle.root_of(leaves),
        previous=bytes(last.hash) if last else merkle.EMPTY,
    )
    checkpoint.hash = hash_of(checkpoint)
    public_key, checkpoint.signature = signing.sign(text_of(checkpoint))
    checkpoint.key_id = signing.fingerprint(public_key)
    return checkpoint


def _settled(xmin: int) -> int:
    """The highest id at or below which no entry can appear any more."""
    ended = Checkpoint.objects.filter(horizon__lte=xmin).order_by("-number").first()
    if ended is None:
        return 0
    before = Checkpoint.objects.filter(number__lt=ended.number).order_by("-number").first()
    return before.last_entry if before else 0


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        value: int = cursor.fetchone()[0]
    return value

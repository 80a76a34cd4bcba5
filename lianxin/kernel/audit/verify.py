"""Is the log what it was? Every entry, head, leaf, checkpoint and anchor is recomputed and compared.

Apps above add checks of their own with :func:`register_check`: whether what a case says still fits the commitment in
its log entry, whether files fit their hashes, whether balances fit their postings.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit import anchors, merkle, signing
from lianxin.kernel.audit.checkpoints import anchor_of, countersignature_anchor, hash_of, text_of
from lianxin.kernel.audit.models import Checkpoint, Countersignature, Leaf, LogEntry, StreamHead
from lianxin.kernel.audit.proofs import entry_hash, genesis
from lianxin.kernel.audit.services import canonical
from lianxin.kernel.clock import CHINA
from lianxin.kernel.text import Text

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not what it was: a code, where, and a plain sentence."""

    code: str
    where: str
    message: Text


# Called with the number of rows done so far and the name of the part.
Progress = Callable[[str, int], None]
Check = Callable[[], Iterable[Finding]]
Remark = Callable[[], Text | None]
_checks: dict[str, Check] = {}
_remarks: dict[str, Remark] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check to every verification; a second one under the same name replaces the first."""
    _checks[name] = check


def register_remark(name: str, remark: Remark) -> None:
    """Add something that is no fault and still has to be said; nothing is said while it gives ``None``."""
    _remarks[name] = remark


def remarks() -> list[Text]:
    """What there is to say beside the findings, such as what was erased by right."""
    with scope.use(scope.EVERYTHING):
        return [told for told in (remark() for remark in _remarks.values()) if told is not None]


def verify(*, progress: Progress | None = None) -> list[Finding]:
    """All findings, none when everything holds. Reads one snapshot, so it may run while people work."""
    findings: list[Finding] = []
    lines: list[anchors.Line] = []
    try:
        # Before the snapshot: what has been anchored by now must be in it.
        lines = anchors.read()
    except ValueError as damaged:
        findings.append(
            _finding("anchor_damaged", f"anchors, {damaged}", "锚点文件已损坏。", "it cannot be read.")
        )
    with scope.use(scope.EVERYTHING), _one_snapshot():
        findings += _all_parts(lines, progress or _silent)
    return findings


def _all_parts(lines: list[anchors.Line], tell: Progress) -> Iterator[Finding]:
    yield from _streams(tell)
    yield from _leaves(tell)
    yield from _checkpoints(lines)
    yield from _anchors(lines)
    for name, check in _checks.items():
        tell(name, 0)
        yield from check()


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A read-only transaction in which all queries see the same moment, unless one is already open."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# --- Streams -----------------------------------------------------------------------------------------------

_COLUMNS = ("stream", "seq", "at", "actor", "action", "body", "prev_hash", "hash")


def _streams(tell: Progress) -> Iterator[Finding]:
    heads = {head.stream: (head.seq, bytes(head.hash)) for head in StreamHead.objects.iterator(CHUNK)}
    rows = LogEntry.objects.order_by("stream", "seq").values_list(*_COLUMNS).iterator(CHUNK)
    done = 0
    for stream, entries in groupby(rows, key=lambda row: row[0]):
        seq, previous = 0, genesis(stream)
        for row in entries:
            yield from _entry(row, seq + 1, previous)
            seq, previous = row[1], bytes(row[7])
            done += 1
            if done % CHUNK == 0:
                tell("log", done)
        if heads.pop(stream, None) != (seq, previous):
            yield _finding(
                "stream_cut",
                stream,
                "末尾与流水头不符，可能有记录被删去或添加。",
                "its end does not agree with its head: entries were removed or added.",
            )
    tell("log", done)
    for stream in heads:
        yield _finding(
            "stream_gone", stream, "流水头尚在，记录全无。", "its head is there and its entries are not."
        )


def _entry(row: tuple[Any, ...], seq: int, previous: bytes) -> Iterator[Finding]:
    stream, own_seq, at, actor, action, body, prev_hash, own_hash = row
    where = f"{stream}#{own_seq}"
    if own_seq != seq:
        yield _finding("entry_missing", where, "之前有记录缺失。", "entries before it are missing.")
    elif bytes(prev_hash) != previous:
        yield _finding(
            "chain_broken", where, "与前一条记录不相连。", "it does not follow from the entry before."
        )
    if entry_hash(stream=stream, seq=own_seq, body=body, prev_hash=bytes(prev_hash)) != bytes(own_hash):
        yield _finding("entry_changed", where, "内容已被改动。", "its content was changed.")
    elif not _columns_agree(at, actor, action, body):
        yield _finding(
            "columns_changed", where, "检索字段与正文不符。", "its columns do not agree with its text."
        )


def _columns_agree(at: datetime, actor: str, action: str, body: str) -> bool:
    try:
        told = json.loads(body)
        said = (told["at"], told["actor"], told["action"])
        return said == (at.astimezone(CHINA).isoformat(), actor, action) and canonical(told) == body
    except (KeyError, TypeError, ValueError):
        return False


# --- Checkpoints -------------------------------------------------------------------------------------------


def _leaves(tell: Progress) -> Iterator[Finding]:
    """Each checkpoint's tree, rebuilt from the entries that its leaves name."""
    trees = {c.pk: (c.number, c.size, bytes(c.root)) for c in Checkpoint.objects.iterator(CHUNK)}
    rows = (
        Leaf.objects.order_by("checkpoint_id", "position")
        .values_list("checkpoint_id", "position", "entry__hash")
        .iterator(CHUNK)
    )
    for pk, leaves in groupby(rows, key=lambda row: row[0]):
        number, size, root = trees.pop(pk, (0, -1, b""))
        held = list(leaves)
        whole = [place for _pk, place, _hash in held] == list(range(size)) and None not in {
            h for *_, h in held
        }
        if not whole or merkle.root_of([merkle.leaf_hash(bytes(own)) for *_, own in held]) != root:
            yield _tree_changed(number)
        tell("checkpoints", number)
    for number, _size, _root in trees.values():
        yield _tree_changed(number)
    floor = Checkpoint.objects.order_by("-number").values_list("floor", flat=True).first() or 0
    for stream, seq in LogEntry.objects.filter(pk__lte=floor, leaf=None).values_list("stream", "seq"):
        yield _finding(
            "entry_unsealed",
            f"{stream}#{seq}",
            "早该进入检查点而未进入。",
            "no checkpoint holds it, and one should.",
        )


def _tree_changed(number: int) -> Finding:
    return _finding(
        "tree_changed",
        f"checkpoint {number}",
        "所封存的记录与树根不符。",
        "the entries it seals do not give its root.",
    )


def _checkpoints(lines: list[anchors.Line]) -> Iterator[Finding]:
    known = {line["key"]: bytes.fromhex(line["public"]) for line in lines if line["kind"] == "key"}
    known.setdefault(signing.fingerprint(signing.own_public_key()), signing.own_public_key())
    number, previous = 0, merkle.EMPTY
    for checkpoint in Checkpoint.objects.order_by("number").iterator(CHUNK):
        where = f"checkpoint {checkpoint.number}"
        if checkpoint.number != number + 1 or bytes(checkpoint.previous) != previous:
            yield _finding(
                "checkpoint_missing", where, "与前一检查点不相连。", "it does not follow from the one before."
            )
        if hash_of(checkpoint) != bytes(checkpoint.hash):
            yield _finding("checkpoint_changed", where, "内容已被改动。", "its content was changed.")
        key = known.get(checkpoint.key_id)
        if key is None or not signing.signed_by(key, bytes(checkpoint.signature), text_of(checkpoint)):
            yield _finding("signature_wrong", where, "签名无效。", "its signature does not hold.")
        number, previous = checkpoint.number, bytes(checkpoint.hash)
    for sign in Countersignature.objects.select_related("checkpoint").iterator(CHUNK):
        key = bytes(sign.public_key)
        text = text_of(sign.checkpoint)
        if signing.fingerprint(key) != sign.key_id or not signing.signed_by(key, bytes(sign.signature), text):
            yield _finding(
                "countersignature_wrong",
                f"checkpoint {sign.checkpoint.number}",
                "会签无效。",
                "a countersignature does not hold.",
            )


def _anchors(lines: list[anchors.Line]) -> Iterator[Finding]:
    signs = Countersignature.objects.select_related("checkpoint").order_by("id")
    there = {canonical(anchor_of(checkpoint)) for checkpoint in Checkpoint.objects.iterator(CHUNK)}
    there |= {canonical(countersignature_anchor(sign)) for sign in signs.iterator(CHUNK)}
    for line in lines:
        if line["kind"] != "key" and canonical(line) not in there:
            yield _finding(
                "rolled_back",
                f"checkpoint {line['number']}",
                "库外锚点所记的检查点或会签在库中不存在或已不同：数据库可能被回退。",
                "the anchor outside the database tells of a checkpoint or countersignature that is gone or "
                "different: the database may have been rolled back.",
            )


def _finding(code: str, where: str, zh: str, en: str) -> Finding:
    return Finding(code, where, Text(f"{where}:{zh}", f"{where}: {en}"))


def _silent(_part: str, _done: int) -> None:
    """Tell nobody."""

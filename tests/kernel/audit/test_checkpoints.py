"""Sealing: everything once, in order, by one at a time, and outside the database too."""

import json
import threading
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, transaction

from lianxin.kernel.audit import checkpoints, signing
from lianxin.kernel.audit.checkpoints import countersign, hash_of, seal_all, seal_checkpoint, text_of
from lianxin.kernel.audit.models import Checkpoint, Leaf, LogEntry
from lianxin.kernel.refusals import Conflict, Refused
from tests.kernel.audit.conftest import NOON, entry, execute, in_threads, some_log


def sealed() -> Checkpoint:
    """A checkpoint over some entries."""
    some_log()
    checkpoint = seal_checkpoint(at=NOON)
    assert checkpoint is not None
    return checkpoint


@pytest.mark.django_db
def test_seal_checkpoint_holds_every_entry_in_order() -> None:
    entries = some_log()
    checkpoint = seal_checkpoint(at=NOON)
    assert checkpoint is not None
    assert (checkpoint.number, checkpoint.size) == (1, 7)
    leaves = (
        Leaf.objects.filter(checkpoint=checkpoint).order_by("position").values_list("position", "entry_id")
    )
    assert list(leaves) == [(place, one.pk) for place, one in enumerate(entries)]
    assert signing.signed_by(signing.own_public_key(), checkpoint.signature, text_of(checkpoint))


@pytest.mark.django_db
def test_seal_checkpoint_without_news_makes_none() -> None:
    sealed()
    assert seal_checkpoint(at=NOON) is None
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db
def test_checkpoints_form_a_chain() -> None:
    first = sealed()
    entry("case:4")
    second = seal_checkpoint(at=NOON + timedelta(hours=1))
    assert second is not None
    assert (second.number, second.size, second.previous) == (2, 1, hash_of(first))


@pytest.mark.django_db
def test_seal_all_makes_several_of_a_large_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MOST_LEAVES", 3)
    some_log()
    assert [c.size for c in seal_all(at=NOON)] == [3, 3, 1]


@pytest.mark.django_db
def test_a_checkpoint_out_of_turn_is_refused() -> None:
    first = sealed()
    first.pk, first.number = None, 3
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_leaf"])
def test_checkpoints_are_append_only(table: str) -> None:
    sealed()
    column = "size" if table == "audit_checkpoint" else "position"
    for statement in (f"UPDATE {table} SET {column} = {column} + 1", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic():
            execute(statement)


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_seal_each_entry_once(anchors: Path) -> None:
    entries = some_log()
    results = in_threads([lambda: seal_checkpoint(at=NOON)] * 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    assert Leaf.objects.count() == len(entries)
    assert Checkpoint.objects.count() == 1
    told = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert [line["kind"] for line in told] == ["key", "checkpoint"]


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_sealed_all_the_same() -> None:
    """Its id is below ids that three checkpoints have already passed."""
    begun, finish = threading.Event(), threading.Event()

    def slow() -> int:
        with transaction.atomic():
            late = entry("case:slow")
            begun.set()
            finish.wait(20)
        return late.pk

    def others() -> None:
        begun.wait(20)
        for number in range(3):
            entry(f"case:{number}")
            seal_checkpoint(at=NOON)
        finish.set()

    late_pk, failure = in_threads([slow, others])
    assert failure is None
    assert not Leaf.objects.filter(entry_id=late_pk).exists()
    seal_checkpoint(at=NOON)
    assert Leaf.objects.get(entry_id=late_pk).checkpoint.number == 4


@pytest.mark.django_db(transaction=True)
def test_the_search_for_news_does_not_begin_at_the_first_entry_for_ever() -> None:
    # A transaction that is open anywhere in the server, a neighbouring test's as well, holds the search back.
    entries: list[LogEntry] = []
    floors: list[int] = []
    for number in range(300):
        entries.append(entry(f"case:{number}"))
        seal_checkpoint(at=NOON)
        floors = list(Checkpoint.objects.order_by("number").values_list("floor", flat=True))
        if number >= 4 and floors[-1] >= entries[2].pk:
            break
        sleep(0.2 if number >= 4 else 0)
    assert floors[:2] == [0, 0]
    assert floors[-1] >= entries[2].pk
    assert floors == sorted(floors)


@pytest.mark.django_db(transaction=True)
def test_an_anchor_swallowed_by_a_crash_is_written_by_the_next(anchors: Path) -> None:
    sealed()
    anchors.unlink()
    seal_checkpoint(at=NOON)
    numbers = [json.loads(line).get("number") for line in anchors.read_text().splitlines()]
    assert numbers == [None, 1]


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_rolled_back_is_not_anchored(anchors: Path) -> None:
    some_log()

    def seal_and_fail() -> None:
        with transaction.atomic():
            seal_checkpoint(at=NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        seal_and_fail()
    assert not anchors.exists()


@pytest.mark.django_db
def test_countersign_keeps_another_bodys_signature() -> None:
    checkpoint = sealed()
    office = Ed25519PrivateKey.generate()
    public, signature = office.public_key().public_bytes_raw(), office.sign(text_of(checkpoint))
    made = countersign(checkpoint, body_name="安委办", public_key=public, signature=signature, at=NOON)
    assert made.key_id == signing.fingerprint(public)
    with pytest.raises(Conflict) as refusal:
        countersign(checkpoint, body_name="安委办", public_key=public, signature=signature, at=NOON)
    assert refusal.value.code == "already_countersigned"


@pytest.mark.django_db
def test_countersign_refuses_what_is_not_that_bodys() -> None:
    checkpoint = sealed()
    office, stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    ours = signing.sign(text_of(checkpoint))
    for public, signature in (
        (office.public_key().public_bytes_raw(), stranger.sign(text_of(checkpoint))),
        (office.public_key().public_bytes_raw(), office.sign(b"another text")),
        (b"short", office.sign(text_of(checkpoint))),
        ours,
    ):
        with pytest.raises(Refused) as refusal:
            countersign(checkpoint, body_name="安委办", public_key=public, signature=signature, at=NOON)
        assert (refusal.value.code, refusal.value.field) == ("signature_invalid", "signature")

"""The database chains the log, and refuses whatever is not an append."""

import hashlib
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lianxin.kernel.audit.models import LogEntry, StreamHead
from lianxin.kernel.audit.proofs import entry_hash, genesis
from tests.kernel.audit.conftest import NOON, entry, execute, in_threads, some_log

ROWS = ("audit_logentry", "audit_checkpoint", "audit_leaf", "audit_countersignature")


@pytest.mark.django_db
def test_append_chains_within_a_stream() -> None:
    first, second, other = entry("case:1"), entry("case:1"), entry("case:2")
    assert (first.seq, second.seq, other.seq) == (1, 2, 1)
    assert first.prev_hash == hashlib.sha256(b"case:1").digest()
    assert second.prev_hash == first.hash
    assert other.prev_hash == genesis("case:2")
    for one in (first, second, other):
        assert one.hash == entry_hash(stream=one.stream, seq=one.seq, body=one.body, prev_hash=one.prev_hash)


@pytest.mark.django_db
def test_append_returns_what_was_stored() -> None:
    made = entry("case:1", note="换行\n和“引号”")
    stored = LogEntry.objects.get(pk=made.pk)
    assert (stored.stream, stored.seq, stored.at, stored.actor, stored.action, stored.body) == (
        made.stream,
        made.seq,
        made.at,
        made.actor,
        made.action,
        made.body,
    )
    assert (bytes(stored.prev_hash), bytes(stored.hash)) == (made.prev_hash, made.hash)


@pytest.mark.django_db
def test_append_costs_one_statement() -> None:
    entry("case:1")
    with CaptureQueriesContext(connection) as queries:
        entry("case:1")
        entry("case:2")
    assert len(queries) == 2


@pytest.mark.django_db
def test_append_ignores_a_number_and_a_hash_that_were_sent() -> None:
    execute(
        """INSERT INTO audit_logentry (stream, seq, at, actor, action, body, prev_hash, hash)
        VALUES ('case:1', 99, %s, 'a', 'b', '{}', '\\x00', '\\x00')""",
        NOON,
    )
    stored = LogEntry.objects.get(stream="case:1")
    assert (stored.seq, bytes(stored.prev_hash)) == (1, genesis("case:1"))
    assert bytes(stored.hash) == entry_hash(stream="case:1", seq=1, body="{}", prev_hash=genesis("case:1"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logentry SET body = '{}'",
        "UPDATE audit_logentry SET at = at + interval '1 second'",
        "DELETE FROM audit_logentry",
        "TRUNCATE audit_logentry CASCADE",
        "UPDATE audit_streamhead SET seq = seq + 1",
        "UPDATE audit_streamhead SET seq = seq - 1",
        "UPDATE audit_streamhead SET hash = '\\x00'",
        "DELETE FROM audit_streamhead",
        "INSERT INTO audit_streamhead (stream, seq, hash) VALUES ('case:9', 0, '\\x00')",
        "TRUNCATE audit_streamhead",
    ],
)
def test_changing_the_log_is_refused(statement: str) -> None:
    some_log()
    before = list(LogEntry.objects.order_by("id").values_list())
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(statement)
    assert list(LogEntry.objects.order_by("id").values_list()) == before


@pytest.mark.django_db(transaction=True)
def test_two_threads_cannot_number_alike() -> None:
    def write(number: int) -> int:
        with transaction.atomic():
            return entry("case:1", writer=number).seq

    results = in_threads([partial(write, number) for number in range(16)])
    assert sorted(results) == list(range(1, 17))
    entries = list(LogEntry.objects.filter(stream="case:1").order_by("seq"))
    previous = genesis("case:1")
    for one in entries:
        assert bytes(one.prev_hash) == previous
        previous = bytes(one.hash)
    head = StreamHead.objects.get(stream="case:1")
    assert (head.seq, bytes(head.hash)) == (16, previous)


@pytest.mark.django_db(transaction=True)
def test_an_append_rolled_back_leaves_no_gap() -> None:
    entry("case:1")

    def append_and_fail() -> None:
        with transaction.atomic():
            entry("case:1")
            execute("SELECT 1 / 0")

    with pytest.raises(DatabaseError):
        append_and_fail()
    assert entry("case:1").seq == 2

"""Whatever somebody who owns the database does to one row, verification is red."""

import json
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianxin.kernel.audit import signing
from lianxin.kernel.audit import verify as verification
from lianxin.kernel.audit.checkpoints import countersign, seal_checkpoint, text_of, write_anchors
from lianxin.kernel.audit.models import Checkpoint
from lianxin.kernel.audit.verify import Finding, register_check, verify
from lianxin.kernel.text import Text
from tests.kernel.audit.conftest import NOON, as_owner, entry, execute, some_log

TABLES = ("audit_logentry", "audit_streamhead", "audit_checkpoint", "audit_leaf", "audit_countersignature")


def whole_log() -> Checkpoint:
    """Two checkpoints, one of them countersigned, and entries after both."""
    some_log()
    checkpoint = seal_checkpoint(at=NOON)
    assert checkpoint is not None
    entry("case:1", minute=30)
    seal_checkpoint(at=NOON)
    entry("case:1", minute=40)
    entry("case:5", minute=41)
    office = Ed25519PrivateKey.generate()
    countersign(
        checkpoint,
        body_name="安委办",
        public_key=office.public_key().public_bytes_raw(),
        signature=office.sign(text_of(checkpoint)),
        at=NOON,
    )
    write_anchors()
    return checkpoint


def codes() -> set[str]:
    """The codes of what verification finds."""
    return {finding.code for finding in verify()}


def tamper(statement: str, *values: object) -> None:
    """Run a statement past every trigger."""
    with as_owner(*TABLES):
        execute(statement, *values)


@pytest.mark.django_db
def test_verify_finds_nothing_in_a_whole_log() -> None:
    assert verify() == []
    whole_log()
    assert verify() == []


LAST = "(SELECT max(id) FROM audit_logentry WHERE stream = 'case:1')"
FIRST = "(SELECT min(id) FROM audit_logentry WHERE stream = 'case:1')"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            f"UPDATE audit_logentry SET body = replace(body, 'accepted', 'declined') WHERE id = {FIRST}",
            "entry_changed",
        ),
        (f"UPDATE audit_logentry SET hash = '\\x00' WHERE id = {FIRST}", "entry_changed"),
        (f"UPDATE audit_logentry SET prev_hash = hash WHERE id = {FIRST}", "chain_broken"),
        (f"UPDATE audit_logentry SET at = at + interval '1 day' WHERE id = {FIRST}", "columns_changed"),
        (f"UPDATE audit_logentry SET actor = 'person:8' WHERE id = {FIRST}", "columns_changed"),
        (f"UPDATE audit_logentry SET action = 'hazard.close' WHERE id = {FIRST}", "columns_changed"),
        (f"UPDATE audit_logentry SET stream = 'case:8' WHERE id = {FIRST}", "entry_changed"),
        (f"UPDATE audit_logentry SET seq = 77 WHERE id = {FIRST}", "entry_missing"),
        (f"DELETE FROM audit_logentry WHERE id = {LAST}", "stream_cut"),
        ("DELETE FROM audit_logentry WHERE stream = 'case:5'", "stream_gone"),
        ("DELETE FROM audit_streamhead WHERE stream = 'case:2'", "stream_cut"),
        ("UPDATE audit_streamhead SET seq = seq - 1 WHERE stream = 'case:2'", "stream_cut"),
        ("UPDATE audit_streamhead SET hash = '\\x00' WHERE stream = 'case:2'", "stream_cut"),
        ("INSERT INTO audit_streamhead VALUES ('case:9', 1, '\\x00')", "stream_gone"),
        ("DELETE FROM audit_leaf WHERE position = 3", "tree_changed"),
        ("UPDATE audit_leaf SET position = 70 WHERE position = 6", "tree_changed"),
        ("DELETE FROM audit_leaf WHERE position = 6", "tree_changed"),
        ("UPDATE audit_checkpoint SET root = '\\x00' WHERE number = 1", "tree_changed"),
        ("UPDATE audit_checkpoint SET size = 6 WHERE number = 1", "tree_changed"),
        ("UPDATE audit_checkpoint SET at = at - interval '1 day' WHERE number = 1", "checkpoint_changed"),
        ("UPDATE audit_checkpoint SET hash = '\\x00' WHERE number = 2", "rolled_back"),
        ("UPDATE audit_checkpoint SET previous = '\\x00' WHERE number = 2", "checkpoint_missing"),
        ("UPDATE audit_checkpoint SET number = 9 WHERE number = 2", "checkpoint_missing"),
        ("UPDATE audit_checkpoint SET signature = '\\x00' WHERE number = 2", "signature_wrong"),
        ("UPDATE audit_checkpoint SET key_id = 'x' WHERE number = 2", "signature_wrong"),
        ("UPDATE audit_countersignature SET signature = '\\x00'", "countersignature_wrong"),
        ("UPDATE audit_countersignature SET public_key = '\\x00'", "countersignature_wrong"),
        ("UPDATE audit_countersignature SET body_name = '别处'", "rolled_back"),
        ("DELETE FROM audit_countersignature", "rolled_back"),
    ],
)
def test_verify_finds(statement: str, found: str) -> None:
    whole_log()
    tamper(statement)
    assert found in codes()


ENTRY = "INSERT INTO audit_logentry (stream, seq, at, actor, action, body, prev_hash, hash)"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        # At the end, in the middle, beside another, in a stream of its own; each with the hashes of a true one.
        (
            (
                f"{ENTRY} SELECT stream, seq + 1, at, actor, action, body, hash, prev_hash FROM audit_logentry"
                f" WHERE id = {LAST}"
            ),
            "stream_cut",
        ),
        (
            (
                f"{ENTRY} SELECT stream, seq + 50, at, actor, action, body, prev_hash, hash FROM audit_logentry"
                f" WHERE id = {FIRST}"
            ),
            "entry_missing",
        ),
        (
            (
                f"{ENTRY} SELECT 'case:77', 1, at, actor, action, body, prev_hash, hash FROM audit_logentry"
                f" WHERE id = {FIRST}"
            ),
            "stream_cut",
        ),
        (
            (
                "INSERT INTO audit_leaf (checkpoint_id, position, entry_id) SELECT max(checkpoint_id), 70,"
                " (SELECT max(id) FROM audit_logentry) FROM audit_leaf"
            ),
            "tree_changed",
        ),
        (
            (
                "INSERT INTO audit_checkpoint (number, at, size, root, previous, hash, key_id, signature, floor,"
                " last_entry, horizon) SELECT 3, at, size, root, hash, hash, key_id, signature, floor,"
                " last_entry, horizon FROM audit_checkpoint WHERE number = 2"
            ),
            "checkpoint_changed",
        ),
        (
            (
                "INSERT INTO audit_countersignature (checkpoint_id, body_name, key_id, public_key, signature, at)"
                " SELECT max(id), 'x', 'x', '\\x00', '\\x00', max(at) FROM audit_checkpoint"
            ),
            "countersignature_wrong",
        ),
    ],
)
def test_verify_finds_a_row_put_in(statement: str, found: str) -> None:
    whole_log()
    tamper(statement)
    assert found in codes()


@pytest.mark.django_db
def test_verify_finds_the_whole_log_cut_off() -> None:
    whole_log()
    with as_owner(*TABLES):
        for table in ("audit_countersignature", "audit_leaf", "audit_checkpoint"):
            execute(f"DELETE FROM {table}")
        execute("DELETE FROM audit_logentry")
        execute("DELETE FROM audit_streamhead")
    assert codes() == {"rolled_back"}


@pytest.mark.django_db
def test_verify_finds_an_entry_rewritten_with_all_that_hangs_on_it() -> None:
    """Somebody recomputes entry, chain and head of a stream; the checkpoint still holds the old hashes."""
    whole_log()
    with as_owner(*TABLES):
        execute(
            "DELETE FROM audit_leaf WHERE entry_id IN (SELECT id FROM audit_logentry WHERE stream = 'case:2')"
        )
        execute("DELETE FROM audit_logentry WHERE stream = 'case:2'")
        execute("DELETE FROM audit_streamhead WHERE stream = 'case:2'")
    entry("case:2")
    entry("case:2")
    assert codes() == {"tree_changed"}


@pytest.mark.django_db
def test_verify_finds_a_database_put_back_to_an_earlier_day() -> None:
    whole_log()
    with as_owner(*TABLES):
        execute("DELETE FROM audit_leaf WHERE checkpoint_id = (SELECT max(id) FROM audit_checkpoint)")
        execute("DELETE FROM audit_checkpoint WHERE number = 2")
    assert codes() == {"rolled_back"}


@pytest.mark.django_db
def test_verify_finds_a_whole_history_sealed_anew() -> None:
    """Even signed with our own key, another checkpoint under the same number is not the anchored one."""
    whole_log()
    with as_owner(*TABLES):
        for table in ("audit_countersignature", "audit_leaf", "audit_checkpoint"):
            execute(f"DELETE FROM {table}")
    seal_checkpoint(at=NOON)
    assert codes() == {"rolled_back"}


@pytest.mark.django_db
def test_verify_finds_an_entry_kept_out_of_the_checkpoints() -> None:
    whole_log()
    tamper("UPDATE audit_checkpoint SET floor = 1000000000")
    assert codes() == {"entry_unsealed"}


@pytest.mark.django_db
def test_verify_finds_a_damaged_anchor(anchors: Path) -> None:
    whole_log()
    anchors.write_text(anchors.read_text() + '{"kind": "check\n')
    assert codes() == {"anchor_damaged"}


@pytest.mark.django_db
def test_verify_finds_a_checkpoint_signed_by_somebody_else() -> None:
    checkpoint = whole_log()
    stranger = Ed25519PrivateKey.generate()
    tamper(
        "UPDATE audit_checkpoint SET signature = %s, key_id = %s WHERE id = %s",
        stranger.sign(text_of(checkpoint)),
        signing.fingerprint(stranger.public_key().public_bytes_raw()),
        checkpoint.pk,
    )
    assert codes() == {"signature_wrong"}


COLUMNS = {
    "audit_logentry": ("stream", "seq", "at", "actor", "action", "body", "prev_hash", "hash"),
    "audit_streamhead": ("stream", "seq", "hash"),
    "audit_checkpoint": ("number", "at", "size", "root", "previous", "hash", "key_id", "signature"),
    "audit_leaf": ("position",),
    "audit_countersignature": ("body_name", "key_id", "public_key", "signature"),
}
OTHER_VALUE = {
    "at": "{0} + interval '1 microsecond'",
    "key_id": "reverse({0})",
    "seq": "{0} + 100",
    "number": "{0} + 100",
    "size": "{0} + 1",
    "position": "{0} + 100",
    "hash": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
    "prev_hash": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
    "previous": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
    "root": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
    "signature": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
    "public_key": "set_byte({0}, {1}, get_byte({0}, {1}) # {2})",
}


@st.composite
def single_deeds(draw: st.DrawFn) -> tuple[str, str, int]:
    """A table, what to do to one of its rows, and which row."""
    table = draw(st.sampled_from(sorted(COLUMNS)))
    row = draw(st.integers(0, 40))
    if draw(st.integers(0, 4)) == 0:
        return table, f"DELETE FROM {table} WHERE ctid = %s", row
    column = draw(st.sampled_from(COLUMNS[table]))
    value = OTHER_VALUE.get(column, "{0} || 'x'")
    value = value.format(column, draw(st.integers(0, 31)), draw(st.integers(1, 255)))
    return table, f"UPDATE {table} SET {column} = {value} WHERE ctid = %s", row


@pytest.fixture
def log(db: None) -> None:
    """A whole log, made once for all examples."""
    whole_log()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(single_deeds())
def test_verify_finds_any_single_row_changed_or_removed(log: None, deed: tuple[str, str, int]) -> None:
    table, statement, row = deed
    before = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for name in TABLES:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            # A foreign key, too, is only a trigger to whoever owns the table.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(f"SELECT ctid::text FROM {table} ORDER BY 1")
            rows = [ctid for (ctid,) in cursor.fetchall()]
            cursor.execute(statement, [rows[row % len(rows)]])
            assert cursor.rowcount == 1
        assert verify() != []
    finally:
        transaction.savepoint_rollback(before)
    assert verify() == []


@pytest.mark.django_db
def test_registered_checks_speak_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_checks", {})
    finding = Finding("act_changed", "case:1", Text("步骤被改动。", "A step was changed."))
    register_check("cases", lambda: [finding])
    heard: list[str] = []
    assert verify(progress=lambda part, _done: heard.append(part)) == [finding]
    assert heard[-1] == "cases"


@pytest.mark.django_db
def test_verify_command_says_that_all_is_well() -> None:
    whole_log()
    out, err = StringIO(), StringIO()
    call_command("verify", stdout=out, stderr=err)
    assert "The log is whole." in out.getvalue()
    assert "log: 10" in err.getvalue()


@pytest.mark.django_db
def test_verify_command_exits_1_with_a_sentence_for_each_finding() -> None:
    whole_log()
    tamper("UPDATE audit_streamhead SET seq = seq - 1 WHERE stream = 'case:2'")
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("verify", stdout=out, stderr=StringIO())
    assert exit_.value.code == 1
    assert "case:2: its end does not agree with its head" in out.getvalue()


@pytest.mark.django_db
def test_verify_command_speaks_json() -> None:
    whole_log()
    tamper("UPDATE audit_streamhead SET seq = seq - 1 WHERE stream = 'case:2'")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify", "--json", stdout=out, stderr=StringIO())
    assert [(f["code"], f["where"]) for f in json.loads(out.getvalue())] == [("stream_cut", "case:2")]


@pytest.mark.django_db
def test_checkpoint_command_seals_once() -> None:
    some_log()
    first, second = StringIO(), StringIO()
    call_command("checkpoint", "--json", stdout=first)
    call_command("checkpoint", stdout=second)
    assert [(c["number"], c["size"]) for c in json.loads(first.getvalue())] == [(1, 7)]
    assert "Nothing new" in second.getvalue()

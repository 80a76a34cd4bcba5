"""Prepared statements, and rows of several tables in one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import clock, scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import compose, record
from lianxin.kernel.cases.history import compose_act
from lianxin.kernel.cases.models import Act, Case, Duty
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.prepared import run
from lianxin.kernel.statements import (
    changed,
    columns_of,
    fetch,
    find,
    insert,
    instance,
    listed,
    sequence_of,
    update,
    values_of,
)
from tests.kernel.cases.conftest import NOON, Town, town

__all__ = ["town"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_instance_is_the_row_that_django_reads(town: Town) -> None:
    ((*values,),) = run(
        f"SELECT {columns_of(Organization, 'o')} FROM orgs_organization o WHERE o.id = $1", [town.market.pk]
    )
    made = instance(Organization, values)
    assert made.__dict__ | {"_state": None} == Organization.objects.get(pk=town.market.pk).__dict__ | {
        "_state": None
    }


def test_insert_writes_rows_that_name_each_other_and_gives_their_keys(town: Town) -> None:
    case = _case(town)
    act = compose_act(
        case, step="open", from_status="", actor=SYSTEM, role=None, at=NOON, data={"what": "伞"}, files={}
    )
    with scope.act(), CaptureQueriesContext(connection) as queries:
        insert([case, act.entry, act])
    assert len(queries) == 1
    with scope.use(scope.EVERYTHING):
        read = Act.objects.select_related("case", "entry").get()
        assert (read.pk, read.case.number, read.entry_id) == (act.pk, "T26-1", act.entry.pk)
        assert read.data == {"what": "伞"}
        assert act.entry_id == act.entry.pk


def test_insert_draws_its_keys_from_the_sequences_that_the_tables_have() -> None:
    keyed = [
        model
        for model in apps.get_models()
        if model._meta.managed and isinstance(model._meta.pk, models.AutoField | models.BigAutoField)
    ]
    asked = [(model._meta.db_table, model._meta.pk.column) for model in keyed]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_get_serial_sequence(t.name, t.key)::regclass::text
            FROM unnest(%s::text[], %s::text[]) t (name, key)""",
            [[table for table, _ in asked], [key for _, key in asked]],
        )
        assert [name for (name,) in cursor.fetchall()] == [sequence_of(model) for model in keyed]
    assert len(keyed) > 20


def test_insert_reads_no_row_back(town: Town) -> None:
    case = _case(town)
    act = compose_act(case, step="open", from_status="", actor=SYSTEM, role=None, at=NOON, data={}, files={})
    with scope.act(), CaptureQueriesContext(connection) as queries:
        insert([act.entry, case, act])
        assert "RETURNING" not in queries[0]["sql"]
        assert (Case.objects.get().pk, Act.objects.get().pk) == (case.pk, act.pk)
        assert Act.objects.get().entry_id == act.entry.pk


def test_insert_of_a_key_that_was_taken_beforehand_keeps_it(town: Town) -> None:
    case = _case(town)
    case.pk = 4_000_000_000
    act = compose_act(case, step="open", from_status="", actor=SYSTEM, role=None, at=NOON, data={}, files={})
    with scope.act():
        insert([case, act.entry, act])
        assert (case.pk, Act.objects.get().case_id) == (4_000_000_000, 4_000_000_000)


def test_insert_leaves_to_the_database_what_it_alone_fills() -> None:
    first = record("a.b", stream="s", actor="system", at=NOON)
    entry = compose("a.c", stream="s", actor="system", at=NOON)
    with scope.act():
        insert([entry])
    assert (entry.seq, entry.prev_hash) == (2, first.hash)
    assert entry.hash == bytes(LogEntry.objects.get(pk=entry.pk).hash)


def test_insert_writes_all_or_nothing(town: Town) -> None:
    case = _case(town)
    twice = [Duty(chain=case, group="g", subject="s", duty=duty, at=NOON) for duty in ("one", "other")]
    with pytest.raises(IntegrityError), scope.act():
        insert([case, *twice])
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_insert_of_nothing_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        insert([])
    assert len(queries) == 0


def test_fetch_is_the_row_that_django_reads(town: Town) -> None:
    found = fetch(Organization, pk=town.market.pk)
    assert found.__dict__ | {"_state": None} == Organization.objects.get(pk=town.market.pk).__dict__ | {
        "_state": None
    }
    assert fetch(Organization, path=town.market.path) == town.market


def test_fetch_of_what_is_not_there_raises_as_the_model_does(town: Town) -> None:
    with pytest.raises(Organization.DoesNotExist):
        fetch(Organization, pk=town.market.pk + 1_000_000)


def test_fetch_sees_no_row_that_the_scope_hides(town: Town) -> None:
    case = _opened(town)
    with scope.use(scope.NOTHING), pytest.raises(Case.DoesNotExist):
        fetch(Case, pk=case.pk)


def test_fetch_by_several_fields_finds_what_is_empty_in_one(town: Town) -> None:
    with scope.use(scope.EVERYTHING):
        found = fetch(Organization, parent=town.city.pk, kind=town.county.kind, name=town.county.name)
        assert found == town.county
        top = Organization.objects.get(parent=None)
        assert fetch(Organization, parent=None, pk=top.pk) == top
        with pytest.raises(Organization.DoesNotExist):
            fetch(Organization, parent=None, pk=town.market.pk)


def test_find_is_none_where_there_is_no_such_row(town: Town) -> None:
    with scope.use(scope.EVERYTHING):
        assert find(Organization, pk=town.market.pk) == town.market
        assert find(Organization, pk=0) is None


def test_listed_gives_the_rows_in_their_order(town: Town) -> None:
    with scope.use(scope.EVERYTHING):
        expected = list(Organization.objects.filter(parent=town.city).order_by("kind", "-pk"))
        told = listed(Organization, "kind", "pk", parent=town.city.pk)
        assert sorted(told, key=lambda one: (one.kind, -one.pk)) == expected
        assert [(one.kind, one.pk) for one in told] == sorted((one.kind, one.pk) for one in told)
        assert listed(Organization, "pk", parent=0) == []


def test_fetch_with_a_lock_keeps_a_second_thread_out(town: Town) -> None:
    case = _opened(town)
    with scope.act():
        fetch(Case, pk=case.pk, lock=True)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(_is_free, case.pk).result() is False
    with ThreadPoolExecutor(1) as other:
        assert other.submit(_is_free, case.pk).result() is True


def _is_free(pk: int) -> bool:
    try:
        with scope.act():
            return Case.objects.select_for_update(skip_locked=True).filter(pk=pk).exists()
    finally:
        connection.close()


def test_update_writes_what_is_named_and_nothing_else(town: Town) -> None:
    case = _opened(town)
    with scope.act():
        case.title, case.status, case.owner, case.due_at = "帽", "found", town.market, NOON
        update(case, "status", "owner", "due_at")
        kept = Case.objects.get(pk=case.pk)
        assert (kept.title, kept.status, kept.owner_id, kept.due_at) == ("伞", "found", town.market.pk, NOON)
        case.owner = case.due_at = None
        update(case, "status", "owner", "due_at")
        kept = Case.objects.get(pk=case.pk)
        assert (kept.owner_id, kept.due_at) == (None, None)


def test_update_of_a_row_that_is_gone_or_hidden_is_told(town: Town) -> None:
    case = _case(town)
    with pytest.raises(Case.DoesNotExist), scope.act():
        update(case, "status")
    case = _opened(town)
    with scope.use(scope.NOTHING), pytest.raises(Case.DoesNotExist):
        update(case, "status")


def test_update_of_no_field_asks_nothing(town: Town) -> None:
    with CaptureQueriesContext(connection) as queries:
        update(_case(town))
    assert len(queries) == 0


def test_changed_names_the_fields_that_were_set_to_something_else(town: Town) -> None:
    case = _case(town)
    before = values_of(case)
    case.title, case.status = case.title, "kept"
    case.owner = town.market
    assert changed(case, before) == ["status", "owner"]
    assert changed(case, values_of(case)) == []


def test_insert_writes_fields_of_a_row_that_is_there_already(town: Town) -> None:
    case = _opened(town)
    case.title, case.outcome, case.status = "两把伞", "kept", "nowhere"
    entry = compose("a.b", stream="s", actor="system", at=NOON)
    with scope.act(), CaptureQueriesContext(connection) as queries:
        insert([entry], updating=case, fields=("title", "outcome"))
    assert len(queries) == 1
    with scope.use(scope.EVERYTHING):
        read = Case.objects.get()
        assert (read.title, read.outcome, read.status) == ("两把伞", "kept", "found")
        assert LogEntry.objects.get(pk=entry.pk).action == "a.b"


def test_insert_is_undone_with_a_row_that_is_gone(town: Town) -> None:
    case = _case(town)
    case.pk = 77
    with pytest.raises(Case.DoesNotExist), scope.act():
        insert([compose("a.b", stream="s", actor="system", at=NOON)], updating=case, fields=("title",))
    assert not LogEntry.objects.filter(action="a.b").exists()


def _opened(town: Town) -> Case:
    case = _case(town)
    act = compose_act(case, step="open", from_status="", actor=SYSTEM, role=None, at=NOON, data={}, files={})
    with scope.act():
        insert([case, act.entry, act])
    return case


def _case(town: Town) -> Case:
    return Case(
        number="T26-1",
        kind="found_item",
        title="伞",
        status="found",
        organization=town.market,
        opened_at=NOON,
        entered_at=clock.now(),
    )

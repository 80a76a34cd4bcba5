"""Prepared statements, how long they last, and a transaction that begins with its first one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lianxin.kernel.prepared import begin, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_run_answers_rows_with_the_types_of_the_database() -> None:
    assert run("SELECT $1::int + 1, $2::text || '!'", [1, "连心"]) == [(2, "连心!")]
    assert run("SELECT 1 WHERE false") == []


def test_run_is_prepared_once_a_connection() -> None:
    sql = "SELECT $1::int * 41"
    for factor in range(3):
        run(sql, [factor])
    counted = run(
        "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = $1", [sql]
    )
    assert counted == [(3,)]


def test_run_is_prepared_once_for_numbers_of_every_size() -> None:
    sql = "SELECT $1::bigint + 43"
    assert [run(sql, [number]) for number in (1, 40_000, 3_000_000_000)] == [
        [(44,)],
        [(40_043,)],
        [(3_000_000_043,)],
    ]
    assert run("SELECT count(*) FROM pg_prepared_statements WHERE statement = $1", [sql]) == [(1,)]


def test_run_is_seen_by_whoever_counts_statements() -> None:
    with CaptureQueriesContext(connection) as queries:
        run("SELECT $1::int", [7])
        run("SELECT $1::int", [8])
    assert [query["sql"] for query in queries] == ["SELECT $1::int"] * 2


def test_run_obeys_a_broken_transaction() -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            run("INSERT INTO audit_logentry (stream, action) VALUES ('x', 'y') RETURNING id")
        assert run("SELECT 1") == [(1,)]
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        transaction.set_rollback(True)
        run("SELECT 1")


def test_what_is_prepared_outlives_a_transaction_that_is_rolled_back() -> None:
    sql = "SELECT $1::int * 47"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        run(sql, [1])
        raise ZeroDivisionError
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        run("INSERT INTO audit_logentry (stream, action) VALUES ('x', 'y') RETURNING id")
    assert run(sql, [2]) == [(94,)]
    assert _times_planned(sql) == [(2,)]


def test_what_is_prepared_is_forgotten_when_a_table_is_made_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE shelf (what text)")
    sql = "SELECT * FROM shelf"
    run(sql)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shelf ADD COLUMN row int")
    assert run("SELECT $1::int", [1]) == [(1,)]
    assert (run(sql), _times_planned(sql)) == ([], [(1,)])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE shelf ADD COLUMN place int")
        run(sql)
        raise ZeroDivisionError
    # As it was before the roll-back, the table has another shape than what was prepared within.
    assert (run(sql), _times_planned(sql)) == ([], [(1,)])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE shelf")


def test_what_another_connection_has_spoilt_is_told_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shelf (what int)")
    try:
        sql = "SELECT what FROM shelf WHERE $1::int = 1"
        for _ in range(6):
            run(sql, [1])
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_widen_shelf).result()
        with pytest.raises(DatabaseError), transaction.atomic():
            run(sql, [1])
        assert run(sql, [1]) == []
        run("SELECT 1 FROM pg_prepared_statements")
        with connection.cursor() as cursor:
            # As a proxy between us and the server may, unseen.
            cursor.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        with pytest.raises(DatabaseError):
            run(sql, [1])
        assert run(sql, [1]) == []
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE shelf")


def _widen_shelf() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shelf ALTER COLUMN what TYPE bigint")
    connection.close()


def _times_planned(sql: str) -> list[tuple[int]]:
    counted = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = $1"
    return run(counted, [sql])


def test_begin_sends_its_statement_with_the_begin() -> None:
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        begin("SELECT set_config('lianxin.wide', 'x', true)")
        begin("SELECT set_config('lianxin.wide', 'y', true)")
        assert run("SELECT current_setting('lianxin.wide')") == [("y",)]
        assert connection.connection.autocommit is False
    assert [query["sql"][:14] for query in queries if "set_config" in query["sql"]] == [
        "BEGIN; SELECT ",
        "SELECT set_con",
    ]
    assert run("SELECT current_setting('lianxin.wide', true)") == [("",)]


def test_begin_that_fails_leaves_a_connection_that_can_go_on() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        begin("SELECT 1 / 0")
    with transaction.atomic():
        begin("SELECT 1")
        assert run("SELECT 2") == [(2,)]

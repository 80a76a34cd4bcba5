"""What PostgreSQL is told of the viewer, and that it is told back."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import scope
from lianxin.kernel.scope import EVERYTHING, NOTHING, Scope

SOME = Scope(wide=("0001", "0002"), narrow=("0003",), person="ab", case=7)


def told() -> tuple[str, ...]:
    """The settings as the database has them now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT current_setting('lianxin.wide', true), current_setting('lianxin.narrow', true),
            current_setting('lianxin.person', true), current_setting('lianxin.case', true)"""
        )
        return tuple(value or "" for value in cursor.fetchone())


@pytest.mark.django_db(transaction=True)
def test_use_tells_and_goes_back() -> None:
    scope.enter(NOTHING)
    with scope.use(SOME):
        assert (told(), scope.current()) == (("0001,0002", "0003", "ab", "7"), SOME)
    assert (told(), scope.current()) == (("", "", "", ""), NOTHING)


@pytest.mark.django_db(transaction=True)
def test_act_is_wide_for_its_transaction_only() -> None:
    scope.enter(SOME)
    with scope.act():
        assert told()[0] == "*"
    assert (told()[0], scope.current()) == ("0001,0002", SOME)
    scope.enter(NOTHING)


@pytest.mark.django_db(transaction=True)
def test_act_within_a_transaction_goes_back_at_its_end() -> None:
    scope.enter(SOME)
    with transaction.atomic():
        with scope.act():
            assert told()[0] == "*"
        assert told()[0] == "0001,0002"
    scope.enter(NOTHING)


@pytest.mark.django_db(transaction=True)
def test_act_that_fails_leaves_the_scope_as_it_was() -> None:
    scope.enter(SOME)
    with pytest.raises(IntegrityError), scope.act(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO people_throttle (key, \"window\", count) VALUES ('k', now(), -1)")
    assert (told()[0], scope.current()) == ("0001,0002", SOME)
    scope.enter(NOTHING)


@pytest.mark.django_db(transaction=True)
def test_act_inside_act_changes_nothing() -> None:
    with scope.act():
        with scope.act():
            assert told()[0] == "*"
        assert (told()[0], scope.current()) == ("*", EVERYTHING)


@pytest.mark.django_db(transaction=True)
def test_act_begins_and_tells_in_one_round_trip() -> None:
    scope.enter(SOME)
    with CaptureQueriesContext(connection) as queries, scope.act():
        assert told()[0] == "*"
    assert [query["sql"].partition(" ")[0] for query in queries] == [
        # As Django notes down what it asks psycopg for; it is sent with the next.
        "BEGIN",
        "BEGIN;",
        "SELECT",
        "COMMIT",
    ]
    scope.enter(NOTHING)


@pytest.mark.django_db(transaction=True)
def test_a_part_that_refuses_undoes_the_whole_deed() -> None:
    with pytest.raises(ZeroDivisionError), scope.act():
        _throttle("whole")
        with scope.act():
            _throttle("part")
            raise ZeroDivisionError
    assert _throttled() == []


@pytest.mark.django_db(transaction=True)
def test_a_caller_cannot_go_on_after_a_part_that_refused() -> None:
    with pytest.raises(TransactionManagementError), scope.act():
        with pytest.raises(ZeroDivisionError), scope.act():
            raise ZeroDivisionError
        _throttle("after")
    assert _throttled() == []


@pytest.mark.django_db(transaction=True)
def test_a_recoverable_part_is_undone_alone() -> None:
    with scope.act():
        _throttle("whole")
        with pytest.raises(ZeroDivisionError), scope.act(recoverable=True):
            _throttle("part")
            raise ZeroDivisionError
        _throttle("after")
    assert _throttled() == ["after", "whole"]


@pytest.mark.django_db(transaction=True)
def test_a_part_costs_no_statement() -> None:
    with scope.act(), CaptureQueriesContext(connection) as queries:
        with scope.act():
            pass
        with scope.act(recoverable=True):
            pass
    assert [query["sql"].partition(" ")[0] for query in queries] == ["SAVEPOINT", "RELEASE"]


def _throttle(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute('INSERT INTO people_throttle (key, "window", count) VALUES (%s, now(), 1)', [key])


def _throttled() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM people_throttle ORDER BY key")
        return [key for (key,) in cursor.fetchall()]

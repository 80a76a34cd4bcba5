"""Rows are seen under a scope and written by a deed alone, on every table that has a policy."""

import pytest
from django.db import Error, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Act, Case, Reporter
from lianxin.kernel.people.models import Person
from lianxin.kernel.rls import written_by_deeds_alone
from lianxin.kernel.scope import Scope
from tests.kernel.cases.conftest import NOON, Town, found, town

__all__ = ["town"]

pytestmark = pytest.mark.django_db(transaction=True)
REFUSED = "row-level security"


def policies() -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """By table and command: what is asked of a row that is there, and of one that is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2")
        found: dict[str, dict[str, tuple[str | None, str | None]]] = {}
        for table, name, command, seen, written in cursor.fetchall():
            if name == "scope" or name.startswith("deed_"):
                found.setdefault(table, {})[command] = (seen, written)
        return found


def forced() -> set[str]:
    """The tables whose own owner is held by their policies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        return {name for (name,) in cursor.fetchall()}


def test_every_table_with_a_policy_is_written_by_deeds_alone() -> None:
    found = policies()
    assert set(found) == forced()
    a_deed = "( SELECT (COALESCE(current_setting('lianxin.wide'::text, true), ''::text) = '*'::text))"
    for table, commands in found.items():
        assert sorted(commands) == ["DELETE", "INSERT", "SELECT", "UPDATE"], table
        written = [_words(commands[name]) for name in ("INSERT", "UPDATE", "DELETE")]
        assert written == [(None, _flat(a_deed)), (_flat(a_deed), None), (_flat(a_deed), None)], table
    assert len(found) > 20


def _words(pair: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    seen, written = pair
    return (seen and _flat(seen), written and _flat(written))


def _flat(sql: str) -> str:
    return "".join(sql.split()).replace("AScoalesce", "").replace('AS"coalesce"', "")


@pytest.fixture
def item(town: Town) -> Case:
    """A case that its reporter and the county see."""
    return found(town).case


def viewers(town: Town, case: Case) -> dict[str, Scope]:
    """Whoever sees the case, each as their request would put them."""
    return {
        "officer": town.county_officer.scope,
        "reporter": town.finder.scope,
        "receipt": Scope(case=case.pk),
        "everybody": Scope(wide=("0",), narrow=("0",)),
    }


WRITES = {
    "case": (
        """INSERT INTO cases_case (number, kind, title, status, outcome, organization_id, organization_path, owner_role,
        opened_at, entered_at, escalation) SELECT 'T26-2', kind, title, status, outcome, organization_id,
        organization_path, owner_role, opened_at, entered_at, escalation FROM cases_case WHERE id = %s""",
        Case,
    ),
    "reporter": (
        """INSERT INTO cases_reporter (case_id, organization_id, organization_path, position, mode, person_id,
        person_key, share) SELECT id, organization_id, organization_path, 9, 'named', {me}, '', 1
        FROM cases_case WHERE id = %s""",
        Reporter,
    ),
    "act": (
        """INSERT INTO cases_act (case_id, step, from_status, to_status, at, actor, role, data, salt, entry_id)
        SELECT case_id, 'close', from_status, 'closed', at, actor, role, data, salt, entry_id FROM cases_act
        WHERE case_id = %s""",
        Act,
    ),
    "person": (
        """INSERT INTO people_person (name, organization_id, organization_path, created_at)
        SELECT '', organization_id, organization_path, opened_at FROM cases_case WHERE id = %s""",
        Person,
    ),
}


@pytest.mark.parametrize("who", ["officer", "reporter", "receipt", "everybody"])
@pytest.mark.parametrize("what", sorted(WRITES))
def test_a_viewer_inserts_nothing_even_where_they_see(town: Town, item: Case, who: str, what: str) -> None:
    sql, model = WRITES[what]
    me = town.finder.person.pk if town.finder.person else 0
    with scope.use(scope.EVERYTHING):
        before = model._default_manager.count()
    with scope.use(viewers(town, item)[who]):
        if who != "everybody":
            # The row that the new one is made of is there to be seen, so it is the writing that is refused.
            assert Case.objects.filter(pk=item.pk).exists()
        if Case.objects.filter(pk=item.pk).exists():
            with pytest.raises(Error, match=REFUSED), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql.format(me=me), [item.pk])
    with scope.use(scope.EVERYTHING):
        assert model._default_manager.count() == before


def test_a_deed_inserts_what_a_viewer_may_not(town: Town, item: Case) -> None:
    sql, _ = WRITES["person"]
    with scope.use(town.county_officer.scope), scope.act(), connection.cursor() as cursor:
        cursor.execute(sql, [item.pk])
        assert cursor.rowcount == 1


@pytest.mark.parametrize("who", ["officer", "reporter", "receipt"])
def test_a_viewer_changes_and_deletes_nothing(town: Town, item: Case, who: str) -> None:
    with scope.use(viewers(town, item)[who]):
        assert Case.objects.filter(pk=item.pk).exists()
        assert Case.objects.filter(pk=item.pk).update(title="x") == 0
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cases_reporter")
            assert cursor.rowcount == 0
            cursor.execute("UPDATE people_person SET name = ''")
            assert cursor.rowcount == 0
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get(pk=item.pk).title == item.title


def test_a_viewer_who_has_seen_a_deed_writes_no_more_after_it(town: Town, item: Case) -> None:
    with scope.use(town.county_officer.scope):
        with scope.act():
            Person.objects.create(name="某", created_at=NOON)
        with pytest.raises(Error, match=REFUSED), transaction.atomic():
            Person.objects.create(
                name="某",
                organization=item.organization,
                organization_path=item.organization_path,
                created_at=NOON,
            )


def test_an_older_installation_gets_the_same_policies() -> None:
    renewed = policies()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """DROP POLICY deed_inserts ON cases_act; DROP POLICY deed_updates ON cases_act;
            DROP POLICY deed_deletes ON cases_act"""
        )
        cursor.execute("SELECT qual FROM pg_policies WHERE tablename = 'cases_act' AND policyname = 'scope'")
        (condition,) = cursor.fetchone()
        cursor.execute("DROP POLICY scope ON cases_act")
        cursor.execute(f"CREATE POLICY scope ON cases_act USING ({condition})")
        assert policies() != renewed
        cursor.execute(str(written_by_deeds_alone().sql))
        assert policies() == renewed

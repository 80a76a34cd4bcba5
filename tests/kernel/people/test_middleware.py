"""What a request costs before its page begins, and the pages that must not reach the database at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lianxin.kernel import clock, scope
from lianxin.kernel.orgs.models import Organization, Superior
from lianxin.kernel.orgs.services import create_organization, set_superior
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.entering import PERSON, enter_as, enter_by
from lianxin.kernel.people.middleware import ActorMiddleware
from lianxin.kernel.people.models import Account, Person, Role
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.people.services import erase_person
from lianxin.kernel.scope import Scope
from tests.cast import AT, Cast, holder
from tests.web.casework.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pages(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.kernel.people.urls"


@pytest.fixture
def union(cast: Cast) -> Organization:
    """An industry union at the city; the enterprise's union is seconded to it, and with it the enterprise."""
    union = create_organization(
        "机械冶金建材产业工会", kind=Organization.Kind.INDUSTRY, parent=cast.tree.city, actor=SYSTEM, at=AT
    )
    set_superior(cast.tree.enterprise_union, superior=union, line=Superior.Line.INDUSTRY, actor=SYSTEM, at=AT)
    return union


def statements_of(deed: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        deed()
    return [query["sql"] for query in queries.captured_queries]


def pk_of(actor: Actor) -> int:
    assert actor.person is not None
    return actor.person.pk


def test_enter_as_reads_person_and_offices_in_one_statement(cast: Cast) -> None:
    with scope.use(scope.NOTHING):
        found: list[Actor | None] = []
        statements = statements_of(lambda: found.append(enter_as(pk_of(cast.county_officer), request_id="r")))
        assert len(statements) == 1
        (actor,) = found
        assert actor is not None
        assert (actor.person, actor.roles) == (cast.county_officer.person, cast.county_officer.roles)
        assert actor.roles[0].organization == cast.tree.county
        assert actor.scope == cast.county_officer.scope


def test_enter_as_leaves_the_connection_under_the_persons_own_scope(cast: Cast) -> None:
    with scope.use(scope.NOTHING):
        enter_as(pk_of(cast.worker))
        assert scope.current() == cast.worker.scope
        assert [person.pk for person in Person.objects.all()] == [pk_of(cast.worker)]
        enter_as(pk_of(cast.county_officer))
        assert [person.pk for person in Person.objects.all()] == [pk_of(cast.county_officer)]


def test_enter_as_reads_what_the_models_would(cast: Cast) -> None:
    with scope.use(scope.EVERYTHING):
        person = Person.objects.get(pk=pk_of(cast.county_officer))
        organization = Organization.objects.get(pk=cast.tree.county.pk)
    with scope.use(scope.NOTHING):
        actor = enter_as(person.pk)
    assert actor is not None
    assert actor.person is not None
    plain = [{k: v for k, v in vars(one).items() if k != "_state"} for one in (actor.person, person)]
    assert plain[0] == plain[1]
    found = vars(actor.roles[0].organization)
    assert {k: found[k] for k in vars(organization) if k != "_state"} == {
        k: v for k, v in vars(organization).items() if k != "_state"
    }


def test_enter_as_finds_nobody_erased_or_unknown(cast: Cast) -> None:
    assert cast.worker.person is not None
    erase_person(cast.worker.person, actor=cast.administrator, at=AT, reason="本人要求")
    with scope.use(scope.NOTHING):
        assert enter_as(pk_of(cast.worker)) is None
        assert enter_as(0) is None


def test_an_office_at_an_industry_union_opens_what_is_seconded_to_it(cast: Cast, union: Organization) -> None:
    officer = holder("产业工会干部", UNION_OFFICER, union)
    seconded = cast.tree.enterprise
    assert set(officer.scope.wide) == {union.path, seconded.path}
    assert officer.role_for((UNION_OFFICER,), seconded.path) == officer.roles[0]
    assert officer.role_for((UNION_OFFICER,), cast.tree.town.path) is None
    with scope.use(scope.NOTHING):
        entered = enter_as(pk_of(officer))
    assert entered is not None
    assert entered.scope == officer.scope


def test_only_an_office_at_an_industry_union_costs_a_statement_more(cast: Cast, union: Organization) -> None:
    officer = holder("产业工会干部", UNION_OFFICER, union)
    for actor, most in ((cast.worker, 1), (cast.county_officer, 1), (officer, 2)):
        person = actor.person
        assert person is not None
        assert len(statements_of(lambda person=person: actor_for(person))) == most  # type: ignore[misc]


@pytest.mark.parametrize(("who", "most"), [("worker", 2), ("county_officer", 3), ("site_manager", 3)])
def test_signed_in_request_costs_few_statements(cast: Cast, who: str, most: int) -> None:
    client = sign_in(Client(), getattr(cast, who))
    client.get("/nowhere/")
    assert len(statements_of(lambda: client.get("/nowhere/"))) == most


def test_enter_by_reads_account_person_and_offices_as_django_would(cast: Cast) -> None:
    client = sign_in(Client(), cast.county_officer)
    assert enter_by(client.session) is None
    client.get("/who/")
    found: list[Any] = []
    session = client.session
    assert session["_auth_user_id"]
    assert len(statements_of(lambda: found.append(enter_by(session, request_id="r")))) == 1
    ((account, actor),) = found
    assert account.__dict__ | {"_state": None} == Account.objects.get(
        person_id=pk_of(cast.county_officer)
    ).__dict__ | {"_state": None}
    assert account.person is actor.person
    assert (actor.person, actor.roles, actor.request_id) == (
        cast.county_officer.person,
        cast.county_officer.roles,
        "r",
    )
    assert scope.current() == Scope(person=cast.county_officer.person_key, me=pk_of(cast.county_officer))


def _another_password(client: Client, account: Account) -> None:
    account.set_password("a different password")
    account.save()


def _closed(client: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)


def _gone(client: Client, account: Account) -> None:
    account.delete()


def _signed_out_elsewhere(client: Client, account: Account) -> None:
    UserSession.objects.get(user=account).end()


def _run_out(client: Client, account: Account) -> None:
    Session.objects.filter(session_key=client.session.session_key).update(expire_date=clock.now())


@pytest.mark.parametrize(
    "undo",
    [_another_password, _closed, _gone, _signed_out_elsewhere, _run_out],
    ids=lambda deed: deed.__name__,
)
def test_what_ends_a_session_ends_it_at_the_next_request(
    cast: Cast, undo: Callable[[Client, Account], None]
) -> None:
    client = sign_in(Client(), cast.county_officer)
    labels = [client.get("/who/").json()["label"] for _ in range(2)]
    assert labels == [cast.county_officer.label] * 2
    undo(client, Account.objects.get(person_id=pk_of(cast.county_officer)))
    after = client.get("/who/").json()
    assert (after["label"], after["roles"], after["wide"], after["persons"]) == ("anonymous", [], [], 0)


def test_an_office_that_ends_ends_at_the_next_request(cast: Cast) -> None:
    client = sign_in(Client(), cast.county_officer)
    assert [client.get("/who/").json()["roles"] for _ in range(2)] == [[UNION_OFFICER.code]] * 2
    Role.objects.filter(person_id=pk_of(cast.county_officer)).update(ended_at=AT)
    after = client.get("/who/").json()
    assert (after["label"], after["roles"], after["wide"]) == (cast.county_officer.label, [], [])


def test_person_erased_is_nobody_at_the_next_request(cast: Cast) -> None:
    client = sign_in(Client(), cast.worker)
    assert [client.get("/who/").json()["label"] for _ in range(2)] == [cast.worker.label] * 2
    assert cast.worker.person is not None
    erase_person(cast.worker.person, actor=cast.administrator, at=AT, reason="本人要求")
    assert client.get("/who/").json()["label"] == "anonymous"


def test_account_speaks_for_the_person_it_has_now_whatever_its_session_remembers(cast: Cast) -> None:
    client = sign_in(Client(), cast.worker)
    client.get("/who/")
    account = Account.objects.get(person_id=pk_of(cast.worker))
    session = client.session
    session[PERSON] = pk_of(cast.county_officer)
    session.save()
    assert client.get("/who/").json()["label"] == cast.worker.label
    Account.objects.filter(pk=account.pk).update(person=None)
    assert client.get("/who/").json()["label"] == "anonymous"


def test_anonymous_request_costs_one_statement(cast: Cast) -> None:
    assert len(statements_of(lambda: Client().get("/nowhere/"))) == 1


def test_session_is_noted_once_a_minute(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client, begun = sign_in(Client(), cast.worker), clock.now()
    noted = []
    for seconds in (0, 30, 61, 90):
        monkeypatch.setattr(clock, "now", lambda seconds=seconds: begun + timedelta(seconds=seconds))
        client.get("/nowhere/")
        noted.append(UserSession.objects.get().last_seen_at)
    assert noted[0] == noted[1] < noted[2] == noted[3]


@pytest.mark.parametrize("path", ["/offline/", "/sw.js", "/manifest.webmanifest"])
@pytest.mark.parametrize("signed", [False, True])
def test_page_without_database_asks_it_nothing(cast: Cast, path: str, *, signed: bool) -> None:
    client = sign_in(Client(), cast.county_officer) if signed else Client()
    answers: list[Any] = []
    assert statements_of(lambda: answers.append(client.get(path))) == []
    assert answers[0].status_code == 200
    assert answers[0]["X-Request-ID"]
    assert answers[0].cookies == {}


def test_page_without_database_cannot_reach_it(cast: Cast) -> None:
    def reading(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(Person.objects.count()))

    with pytest.raises(RuntimeError, match="without the database"):
        ActorMiddleware(reading)(RequestFactory().get("/offline/"))


def test_no_other_page_is_exempt(settings: Settings) -> None:
    assert sorted(settings.PAGES_WITHOUT_DATABASE) == ["/manifest.webmanifest", "/offline/", "/sw.js"]

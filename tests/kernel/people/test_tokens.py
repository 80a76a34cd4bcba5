"""A token acts for its owner, within its scopes, while it holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.orgs.models import Organization, Superior
from lianxin.kernel.orgs.services import create_organization, set_superior
from lianxin.kernel.people.actors import SYSTEM, ActorKind, actor_for
from lianxin.kernel.people.models import Role, Token
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.people.services import end_role, grant_role
from lianxin.kernel.people.tokens import actor_for_token, create_token, revoke_token
from lianxin.kernel.refusals import Conflict, NotAllowed
from tests.cast import AT, Cast, holder
from tests.kernel.people.conftest import everything_stored

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_persons_token_acts_as_the_person_within_its_scopes(cast: Cast) -> None:
    officer = cast.county_officer
    token, secret = create_token(
        "脚本", person=officer.person, scopes=["cases", "cases"], actor=officer, at=AT
    )
    actor = actor_for_token(secret, at=AT, request_id="r1")
    assert (actor.kind, actor.person, actor.roles) == (ActorKind.PERSON, officer.person, officer.roles)
    assert (actor.token_scopes, actor.request_id) == (frozenset({"cases"}), "r1")
    assert secret.startswith(token.prefix)
    assert len(token.prefix) < len(secret) / 3


def test_an_office_makes_no_token_before_its_second_factor(cast: Cast) -> None:
    officer = cast.county_officer
    by_phone_alone = replace(officer, roles=())
    with pytest.raises(NotAllowed) as refused:
        create_token("a", person=officer.person, scopes=["cases:perform"], actor=by_phone_alone, at=AT)
    assert refused.value.code == "second_factor_first"
    assert create_token("a", person=officer.person, scopes=["cases:perform"], actor=officer, at=AT)
    assert create_token("b", person=cast.worker.person, scopes=["cases:open"], actor=cast.worker, at=AT)


def test_a_token_speaks_for_no_office_that_came_after_it(cast: Cast) -> None:
    person = cast.worker.person
    assert person is not None
    _token, secret = create_token("a", person=person, scopes=["cases:perform"], actor=cast.worker, at=AT)
    grant_role(person, UNION_OFFICER, cast.tree.county, actor=SYSTEM, at=AT + DAY)
    assert actor_for_token(secret, at=AT + 2 * DAY).roles == ()
    now_officer = actor_for(person)
    _later, second = create_token(
        "b", person=person, scopes=["cases:perform"], actor=now_officer, at=AT + 2 * DAY
    )
    assert actor_for_token(second, at=AT + 2 * DAY).roles == now_officer.roles
    with scope.use(scope.EVERYTHING):
        role = Role.objects.select_related("person", "organization").get(person=person)
        end_role(role, actor=SYSTEM, at=AT + 3 * DAY)
    assert actor_for_token(second, at=AT + 3 * DAY).roles == ()


def test_a_token_of_an_industry_union_reaches_what_is_seconded_to_it(cast: Cast) -> None:
    union = create_organization(
        "产业工会", kind=Organization.Kind.INDUSTRY, parent=cast.tree.city, actor=SYSTEM, at=AT
    )
    set_superior(cast.tree.enterprise_union, superior=union, line=Superior.Line.INDUSTRY, actor=SYSTEM, at=AT)
    officer = holder("产业工会干部", UNION_OFFICER, union)
    _token, secret = create_token("a", person=officer.person, scopes=["cases:read"], actor=officer, at=AT)
    actor = actor_for_token(secret, at=AT)
    assert actor.scope == officer.scope
    assert cast.tree.enterprise.path in actor.scope.wide


def test_a_partners_token_opens_nothing_by_itself(cast: Cast) -> None:
    _token, secret = create_token(
        "就业中心", organization=cast.tree.office, scopes=["jobs"], actor=SYSTEM, at=AT
    )
    actor = actor_for_token(secret, at=AT)
    assert (actor.kind, actor.label, actor.person) == (
        ActorKind.PARTNER,
        f"partner:{cast.tree.office.pk}",
        None,
    )
    assert (actor.scope.wide, actor.scope.narrow, actor.scope.everything) == ((), (), False)


def test_the_secret_is_kept_nowhere(cast: Cast) -> None:
    token, secret = create_token("手机", person=cast.worker.person, scopes=[], actor=cast.worker, at=AT)
    stored = everything_stored()
    assert secret not in stored
    assert secret[len(token.prefix) :] not in stored
    assert [e.action for e in LogEntry.objects.filter(action__startswith="token.")] == ["token.create"]


def test_a_token_that_does_not_hold_is_refused_without_a_reason(cast: Cast) -> None:
    person = cast.worker.person
    token, revoked = create_token("a", person=person, scopes=[], actor=cast.worker, at=AT)
    _other, expired = create_token(
        "b", person=person, scopes=[], actor=cast.worker, at=AT, expires_at=AT + DAY
    )
    actor_for_token(revoked, at=AT)
    actor_for_token(expired, at=AT)
    revoke_token(token, actor=cast.worker, at=AT)
    messages = set()
    for secret in (revoked, expired, "lx_unknown", ""):
        with pytest.raises(NotAllowed) as refusal:
            actor_for_token(secret, at=AT + DAY)
        messages.add((refusal.value.code, refusal.value.message))
    assert len(messages) == 1
    with pytest.raises(Conflict):
        revoke_token(token, actor=cast.worker, at=AT)


def test_use_is_noted_once_a_day(cast: Cast) -> None:
    token, secret = create_token("a", person=cast.worker.person, scopes=[], actor=cast.worker, at=AT)
    actor_for_token(secret, at=AT)
    with CaptureQueriesContext(connection) as queries:
        actor_for_token(secret, at=AT)
    assert not [q for q in queries if q["sql"].startswith("UPDATE")]
    actor_for_token(secret, at=AT + DAY)
    assert Token.objects.get(pk=token.pk).last_used_on == (AT + DAY).date()


def test_a_token_has_one_owner(cast: Cast) -> None:
    for owners in ({}, {"person": cast.worker.person, "organization": cast.tree.office}):
        with pytest.raises(ValueError, match="belongs to"):
            create_token("x", scopes=[], actor=SYSTEM, at=AT, **owners)  # type: ignore[arg-type]

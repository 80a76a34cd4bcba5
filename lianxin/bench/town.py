"""A small union for the intake: a city, its counties, enterprises, workers with sessions and tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.base import SessionBase
from django.core.management import call_command
from django.http import HttpRequest
from django.utils.module_loading import import_string

from lianxin.kernel import scope
from lianxin.kernel.orgs.bulk import NewOrganization, create_organizations
from lianxin.kernel.orgs.models import Organization, Site
from lianxin.kernel.orgs.services import create_organization, create_site
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Account, Person
from lianxin.kernel.people.roles import CUSTODIAN, UNION_OFFICER, RoleKind
from lianxin.kernel.people.services import create_account, enrol_person, grant_role
from lianxin.kernel.people.tokens import create_token

Kind = Organization.Kind


@dataclass(frozen=True, slots=True)
class Sender:
    """A worker with a browser and a token of the API, and the place they report."""

    account: Account
    cookies: dict[str, str]
    token: str
    site: Site


def load_reference() -> None:
    """Region codes, dictionaries and dated rules, as every installation has them."""
    call_command("load_regions", verbosity=0, stdout=_Nowhere())
    call_command("load_reference", verbosity=0, stdout=_Nowhere())


def found_city(name: str, *, at: datetime) -> Organization:
    """The top of the tree: nation, province, city."""
    nation = create_organization("全国总工会", kind=Kind.FEDERATION, parent=None, actor=SYSTEM, at=at)
    province = create_organization("试验省总工会", kind=Kind.FEDERATION, parent=nation, actor=SYSTEM, at=at)
    return create_organization(name, kind=Kind.FEDERATION, parent=province, actor=SYSTEM, at=at)


def build_town(senders: int, *, at: datetime) -> list[Sender]:
    """Everything a report meets: six counties with officers, sixty enterprises, two custodians, the senders."""
    with scope.act():
        city = found_city("试验市总工会", at=at)
        counties = [
            NewOrganization(f"第{n}区总工会", Kind.FEDERATION, children=_enterprises(n)) for n in range(1, 7)
        ]
        made = create_organizations(city, counties, actor=SYSTEM, at=at)
        for body in made:
            if body.kind == Kind.FEDERATION:
                holder(f"干部{body.pk}", UNION_OFFICER, body, at=at)
        office = create_organization(
            "试验市安委办", kind=Kind.SAFETY_OFFICE, parent=city, actor=SYSTEM, at=at
        )
        holder("保管人甲", CUSTODIAN, city, at=at)
        holder("保管人乙", CUSTODIAN, office, at=at)
        enterprises = [body for body in made if body.kind == Kind.ENTERPRISE]
        return [_sender(n, enterprises[n * 7 % len(enterprises)], at=at) for n in range(senders)]


def holder(name: str, kind: RoleKind, organization: Organization, *, at: datetime) -> Person:
    """A person in an office."""
    person = enrol_person(name, organization=organization, actor=SYSTEM, at=at)
    grant_role(person, kind, organization, actor=SYSTEM, at=at)
    return person


def signed_in(account: Account, *methods: str) -> dict[str, str]:
    """The cookies of a browser that has passed these methods (``password``, ``mfa``)."""
    request = HttpRequest()
    request.session = _new_session()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    for method in methods:
        record_authentication(request, account, method)
    request.session.save()
    return {settings.SESSION_COOKIE_NAME: cast("str", request.session.session_key)}


def account_of(person: Person, *, at: datetime) -> Account:
    """An account to sign in with."""
    return create_account(person, actor=SYSTEM, at=at)


def _enterprises(county: int) -> list[NewOrganization]:
    return [NewOrganization(f"第{county}区第{n}厂", Kind.ENTERPRISE) for n in range(1, 11)]


def _sender(number: int, enterprise: Organization, *, at: datetime) -> Sender:
    person = enrol_person(f"工人{number}", organization=enterprise, actor=SYSTEM, at=at)
    account = account_of(person, at=at)
    _, secret = create_token("bench", person=person, scopes=["cases:open"], actor=SYSTEM, at=at)
    site = create_site(f"{number}号车间", organization=enterprise, actor=SYSTEM, at=at)
    return Sender(account, signed_in(account, "code"), secret, site)


def _new_session() -> SessionBase:
    engine: Any = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    return cast("SessionBase", engine())


class _Nowhere:
    """A stream for what a command would say."""

    def write(self, text: str) -> None:
        """Say nothing."""

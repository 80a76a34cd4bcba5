"""Persons come, change and go; offices are given and taken. What the caller may do is decided before, save offices."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import compose
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Account, Consent, Person, Role, Token
from lianxin.kernel.people.numbers import identity_number as checked_identity
from lianxin.kernel.people.numbers import phone_number
from lianxin.kernel.people.roles import ADMINISTRATOR, RoleKind
from lianxin.kernel.people.sealed import Fact, open_fact, seal_fact
from lianxin.kernel.prepared import run
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused, constraint_of
from lianxin.kernel.statements import insert, sequence_of
from lianxin.kernel.text import Text

LONGEST_NAME = 60


def stream_of(person: Person) -> str:
    """The log stream of a person: what was done to their record, and who looked."""
    return f"person:{person.pk}"


def enrol_person(
    name: str,
    *,
    organization: Organization | None = None,
    phone: str = "",
    identity_number: str = "",
    actor: Actor,
    at: datetime,
) -> Person:
    """A new person with what is sealed of them.

    Raises ``Refused`` on ``name``, ``phone`` or ``identity_number``; ``Conflict`` when somebody has the number.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused(
            "name_invalid",
            Text("请填写姓名（最多60字）。", "Write a name of at most 60 characters."),
            field="name",
        )
    phone = phone_number(phone) if phone else ""
    number = checked_identity(identity_number, on=day_of(at)) if identity_number else ""
    with scope.act():
        person = Person(pk=_next_pk(), name=name, organization=organization, created_at=at)
        person.organization_path = organization.path if organization else ""
        seal_fact(person, "phone", phone)
        seal_fact(person, "identity", number)
        after = {"organization": person.organization_id, **_held(person)}
        insert([person, _told(person, "enrol", actor, at, after=after)])
    return person


def set_phone(person: Person, phone: str, *, actor: Actor, at: datetime, verified: bool = False) -> Person:
    """Give the person a phone number, or none; ``verified`` when a code sent there came back."""
    phone = phone_number(phone) if phone else ""
    return _set_fact(person, "phone", phone, actor=actor, at=at, verified=verified)


def set_identity(person: Person, identity_number: str, *, actor: Actor, at: datetime) -> Person:
    """Give the person an identity number, or none."""
    number = checked_identity(identity_number, on=day_of(at)) if identity_number else ""
    return _set_fact(person, "identity", number, actor=actor, at=at)


def move_person(person: Person, organization: Organization | None, *, actor: Actor, at: datetime) -> Person:
    """Make the person belong to another organization."""
    with scope.act():
        person = _locked(person)
        before = {"organization": person.organization_id}
        person.organization = organization
        person.organization_path = organization.path if organization else ""
        person.save(update_fields=["organization", "organization_path"])
        tell_log(person, "move", actor, at, before=before, after={"organization": person.organization_id})
    return person


def erase_person(person: Person, *, actor: Actor, at: datetime, reason: str) -> Person:
    """Destroy the person's data key, name and numbers, end sign-in, offices, consents and tokens.

    The row stays, without content, so that log, figures and ledger still count. It cannot be undone.
    """
    with scope.act():
        person = _locked(person)
        for role in Role.objects.filter(person=person, ended_at=None).select_related("person"):
            _end(role, actor, at)
        Consent.objects.filter(person=person, withdrawn_at=None).update(withdrawn_at=at)
        Token.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
        _close_account(person)
        person.name, person.data_key, person.erased_at = "", None, at
        seal_fact(person, "phone", "")
        seal_fact(person, "identity", "")
        person.phone_verified_at = None
        person.save()
        tell_log(person, "erase", actor, at, reason=reason)
    return person


def create_account(
    person: Person, *, username: str = "", password: str | None = None, actor: Actor, at: datetime
) -> Account:
    """Let the person sign in: by phone code, and by password when one is given.

    Raises ``Conflict`` when the person has an account or the name is taken.
    """
    with scope.act():
        _locked(person)
        if Account.objects.filter(person=person).exists():
            raise Conflict("has_account", Text("此人已有账号。", "This person already has an account."))
        username = username.strip() or f"p{person.pk}"
        if Account.objects.filter(username=username).exists():
            raise Conflict(
                "username_taken", Text("该登录名已被使用。", "This login name is taken."), field="username"
            )
        account = Account.objects.create_user(username, password, person=person)
        tell_log(person, "create_account", actor, at)
    return account


def grant_role(
    person: Person, kind: RoleKind, organization: Organization, *, actor: Actor, at: datetime
) -> Role:
    """Put the person into an office at an organization.

    Raises ``NotAllowed`` unless the actor is the system or an administrator over the organization, and not the
    person; ``Conflict("already_in_office")`` when they hold it.
    """
    _check_may_appoint(actor, person, organization)
    with scope.act():
        role = Role(
            person=person,
            kind=kind.code,
            organization=organization,
            scope_path=organization.jurisdiction_path,
            granted_at=at,
            granted_by=actor.person,
        )
        after = {"role": kind.code, "organization": organization.pk}
        try:
            with transaction.atomic():
                insert([role, _told(person, "grant_role", actor, at, after=after)])
        except IntegrityError as fault:
            if constraint_of(fault) != "people_one_role_at_a_time":
                raise
            raise Conflict(
                "already_in_office", Text("此人已担任该职。", "This person already holds this office.")
            ) from fault
    return role


def end_role(role: Role, *, actor: Actor, at: datetime) -> Role:
    """Take the office away, from now on; raises like :func:`grant_role`, and ``Conflict`` when it has ended."""
    _check_may_appoint(actor, role.person, role.organization)
    with scope.act():
        return _end(role, actor, at)


def _end(role: Role, actor: Actor, at: datetime) -> Role:
    if not Role.objects.filter(pk=role.pk, ended_at=None).update(ended_at=at):
        raise Conflict("office_has_ended", Text("该任职已经结束。", "This office has already ended."))
    role.ended_at = at
    tell_log(
        role.person, "end_role", actor, at, before={"role": role.kind, "organization": role.organization_id}
    )
    return role


def _check_may_appoint(actor: Actor, person: Person, organization: Organization) -> None:
    if actor.kind is ActorKind.SYSTEM:
        return
    if not actor.role_for((ADMINISTRATOR,), organization.jurisdiction_path):
        raise NotAllowed(
            "wrong_role", Text("只有系统管理员可以任免。", "Only an administrator appoints and dismisses.")
        )
    if actor.person is not None and actor.person.pk == person.pk:
        raise NotAllowed("not_oneself", Text("不能任免自己。", "Nobody appoints or dismisses themselves."))


def _set_fact(
    person: Person, fact: Fact, value: str, *, actor: Actor, at: datetime, verified: bool = False
) -> Person:
    with scope.act():
        person = _locked(person)
        if person.erased_at:
            raise Conflict("erased", Text("此人的信息已清除。", "This person's data have been erased."))
        before, same = _held(person), bool(value) and open_fact(person, fact) == value
        seal_fact(person, fact, value)
        if fact == "phone":
            kept = person.phone_verified_at if same else None
            person.phone_verified_at = at if verified else kept
        person.save(update_fields=["data_key", f"{fact}_sealed", f"{fact}_blind", "phone_verified_at"])
        tell_log(person, f"set_{fact}", actor, at, before=before, after=_held(person))
    return person


def _close_account(person: Person) -> None:
    account = Account.objects.filter(person=person).first()
    if account is None:
        return
    Authenticator.objects.filter(user=account).delete()
    for session in UserSession.objects.filter(user=account):
        session.end()
    account.username, account.is_active = f"erased-{person.pk}", False
    account.set_unusable_password()
    account.save()


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update().get(pk=person.pk)


def _held(person: Person) -> dict[str, bool]:
    """What the log may say of the sealed facts: that there are some."""
    return {"phone": person.phone_sealed is not None, "identity": person.identity_sealed is not None}


def _next_pk() -> int:
    # Sealed values are bound to the row, so its key must be known before they are made.
    number: int = run("SELECT nextval($1::text::regclass)", [sequence_of(Person)])[0][0]
    return number


def tell_log(person: Person, deed: str, actor: Actor, at: datetime, **told: Any) -> None:
    """Put what was done to a person into the log that they can read themselves."""
    insert([_told(person, deed, actor, at, **told)])


def _told(person: Person, deed: str, actor: Actor, at: datetime, **told: Any) -> LogEntry:
    return compose(
        f"person.{deed}",
        stream=stream_of(person),
        actor=actor.label,
        at=at,
        request_id=actor.request_id,
        **told,
    )

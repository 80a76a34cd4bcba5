"""A person's yes, by purpose: given in stated words, until it expires or is taken back."""

from datetime import datetime

from django.db.models import Q

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Consent, Person
from lianxin.kernel.people.services import stream_of
from lianxin.kernel.refusals import NotAllowed, NotFound
from lianxin.kernel.text import Text


def give_consent(
    person: Person,
    purpose: str,
    *,
    wording: str,
    actor: Actor,
    at: datetime,
    expires_at: datetime | None = None,
) -> Consent:
    """Say yes to a purpose in the words that were shown; a new yes takes the place of the old one.

    Only the person says it, or an officer or the system in keeping their paper; a partner never does.
    """
    if actor.kind in (ActorKind.PARTNER, ActorKind.NOBODY, ActorKind.RECEIPT):
        raise NotAllowed("not_yours", Text("须由本人同意。", "Consent is the person's own to give."))
    with scope.act():
        Person.objects.select_for_update().get(pk=person.pk)
        Consent.objects.filter(person=person, purpose=purpose, withdrawn_at=None).update(withdrawn_at=at)
        consent = Consent.objects.create(
            person=person, purpose=purpose, wording=wording, granted_at=at, expires_at=expires_at
        )
        _log(person, "give_consent", purpose, actor, at)
    return consent


def withdraw_consent(person: Person, purpose: str, *, actor: Actor, at: datetime) -> None:
    """Take a yes back; raises ``NotFound("no_consent")`` when there is none."""
    with scope.act():
        if not Consent.objects.filter(person=person, purpose=purpose, withdrawn_at=None).update(
            withdrawn_at=at
        ):
            raise NotFound("no_consent", Text("没有可撤回的同意。", "There is no consent to withdraw."))
        _log(person, "withdraw_consent", purpose, actor, at)


def has_consent(person: Person, purpose: str, at: datetime) -> bool:
    """Whether the person's yes to a purpose held at a moment."""
    return (
        Consent.objects.filter(person=person, purpose=purpose, granted_at__lte=at)
        .filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))
        .filter(Q(expires_at=None) | Q(expires_at__gt=at))
        .exists()
    )


def _log(person: Person, deed: str, purpose: str, actor: Actor, at: datetime) -> None:
    record(
        f"person.{deed}",
        stream=stream_of(person),
        actor=actor.label,
        at=at,
        after={"purpose": purpose},
        request_id=actor.request_id,
    )

"""Public notices 公示: names appear masked unless their owners agreed to be named, on the day of reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.notices.models import PublicName, PublicNotice
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.consents import has_consent
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.roles import UNION_OFFICER
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound
from lianxin.kernel.text import Text

# Publishing a name needs a consent of its own (PIPL art. 25), beside any to the handling of the data.
TO_BE_NAMED = "publish_name"
NAMES = "{names}"


@dataclass(frozen=True, slots=True)
class Published:
    """A public notice as anybody may read it."""

    notice: PublicNotice
    title: Text
    text: Text


def publish_notice(
    organization: Organization,
    *,
    title: Text,
    text: Text,
    actor: Actor,
    at: datetime,
    people: Sequence[Person] = (),
    expires_at: datetime | None = None,
) -> PublicNotice:
    """Make something public; ``{names}`` in the text is where the people appear, in their order.

    Raises ``NotAllowed`` for anyone but a union officer of the place. Write no name into the text itself.
    """
    _may_publish(actor, organization)
    with scope.act():
        notice = PublicNotice.objects.create(
            organization=organization,
            title_zh=title.zh,
            title_en=title.en,
            text_zh=text.zh,
            text_en=text.en,
            published_at=at,
            expires_at=expires_at,
        )
        PublicName.objects.bulk_create(
            PublicName(notice=notice, person=person, position=position)
            for position, person in enumerate(people, start=1)
        )
        _log("publish", notice, actor, at)
    return notice


def withdraw_notice(notice: PublicNotice, *, actor: Actor, at: datetime, reason: str) -> PublicNotice:
    """Take a public notice down; raises ``NotAllowed``, and ``Conflict`` when it is down already."""
    _may_publish(actor, notice.organization)
    with scope.act():
        if not PublicNotice.objects.filter(pk=notice.pk, withdrawn_at=None).update(withdrawn_at=at):
            raise Conflict(
                "already_withdrawn", Text("该公示已撤下。", "This notice has been taken down already.")
            )
        _log("withdraw", notice, actor, at, reason)
        notice.refresh_from_db()
    return notice


def public_notices(
    *, at: datetime, organization: Organization | None = None, size: int = 50
) -> list[Published]:
    """What is public at a moment, newest first: of one body, or of all."""
    standing = _standing(at)
    if organization is not None:
        standing = standing.filter(organization=organization)
    return [
        _published(notice, at)
        for notice in standing.select_related("organization").order_by("-published_at")[:size]
    ]


def public_notice(pk: int, *, at: datetime) -> Published:
    """One public notice; raises ``NotFound`` before its time, after it, and for none."""
    notice = _standing(at).filter(pk=pk).select_related("organization").first()
    if notice is None:
        raise NotFound(
            "notice_unknown",
            Text("没有这则公示，或公示期已过。", "There is no such notice, or its time is over."),
        )
    return _published(notice, at)


def public_name(person: Person, *, at: datetime) -> str:
    """The name as it may be published: masked, unless the person's consent to be named holds."""
    return (
        person.name
        if person.erased_at is None and has_consent(person, TO_BE_NAMED, at)
        else person.masked_name
    )


def _standing(at: datetime) -> QuerySet[PublicNotice]:
    return PublicNotice.objects.filter(published_at__lte=at, withdrawn_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=at)
    )


def _published(notice: PublicNotice, at: datetime) -> Published:
    zh, en = notice.text_zh, notice.text_en or notice.text_zh
    if NAMES in zh or NAMES in en:
        # The public sees no person's row; what comes out of here is what may be published of it.
        with scope.use(scope.EVERYTHING):
            rows = PublicName.objects.filter(notice=notice).select_related("person").order_by("position")
            names = [public_name(row.person, at=at) for row in rows]
        zh, en = zh.replace(NAMES, "、".join(names)), en.replace(NAMES, ", ".join(names))
    return Published(notice, Text(notice.title_zh, notice.title_en or notice.title_zh), Text(zh, en))


def _may_publish(actor: Actor, organization: Organization) -> None:
    if actor.role_for((UNION_OFFICER,), organization.path) is None and not actor.scope.everything:
        raise NotAllowed(
            "wrong_role", Text("须由该单位的工会干部办理。", "Only a union officer of the place may do this.")
        )


def _log(deed: str, notice: PublicNotice, actor: Actor, at: datetime, reason: str = "") -> None:
    record(
        f"notice.{deed}",
        stream=f"organization:{notice.organization_id}",
        actor=actor.label,
        at=at,
        after={"notice": notice.pk, "title": notice.title_zh},
        reason=reason,
        request_id=actor.request_id,
    )

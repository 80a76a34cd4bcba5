"""Telling a body, the reporters of a case, or one person; marking as read."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.history import stream_of
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.notices.kinds import notice_kind
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.notices.queries import notices_of
from lianxin.kernel.notices.wording import ANNOUNCED
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.roles import RoleKind
from lianxin.kernel.text import Text


def announce(
    organization: Organization,
    *,
    text: Text,
    actor: Actor,
    at: datetime,
    kind: str = ANNOUNCED.code,
    case: Case | None = None,
    role: RoleKind | None = None,
) -> Notice:
    """Tell those in office at a body (of one role, or all) and log that they were told.

    This is how a rule "the authority is to be told of every major hazard" is carried out: the log shows when.
    """
    notice_kind(kind)
    with scope.act():
        notice = Notice.objects.create(
            kind=kind,
            case=case,
            organization=organization,
            role=role.code if role else "",
            params=_facts(text, case),
            created_at=at,
        )
        record(
            f"{case.kind}.announce" if case else "organization.announce",
            stream=stream_of(case) if case else f"organization:{organization.pk}",
            actor=actor.label,
            at=at,
            after={"organization": organization.pk, "kind": kind, "notice": notice.pk},
            request_id=actor.request_id,
        )
    return notice


def tell_reporters(case: Case, *, text: Text, at: datetime, kind: str = ANNOUNCED.code) -> int:
    """Tell whoever raised the case, each in the way they chose to be known; returns how many."""
    notice_kind(kind)
    with scope.act():
        told = [
            Notice(
                kind=kind,
                case=case,
                person_id=reporter.person_id,
                person_key="" if reporter.person_id else reporter.person_key,
                params=_facts(text, case),
                created_at=at,
            )
            for reporter in Reporter.objects.filter(case=case)
        ]
        return len(Notice.objects.bulk_create(told))


def tell_person(
    person: Person, *, text: Text, at: datetime, kind: str = ANNOUNCED.code, case: Case | None = None
) -> Notice:
    """Tell one person something of their own."""
    notice_kind(kind)
    with scope.act():
        return Notice.objects.create(
            kind=kind, case=case, person=person, params=_facts(text, case), created_at=at
        )


def read_notices(viewer: Actor, *, at: datetime, pks: Iterable[int] | None = None) -> int:
    """Mark the viewer's notices, or all of them, as read; returns how many were new to the viewer."""
    chosen = notices_of(viewer)
    if pks is not None:
        chosen = chosen.filter(pk__in=list(pks))
    own = list(chosen.filter(organization=None, read_at=None).values_list("pk", flat=True))
    with scope.act():
        read = Notice.objects.filter(pk__in=own).update(read_at=at)
        if viewer.person is None:
            return read
        shared = chosen.filter(organization__isnull=False).exclude(Q(readings__person=viewer.person))
        return read + _write_readings(shared, viewer.person, at)


def _write_readings(notices: QuerySet[Notice], person: Person, at: datetime) -> int:
    """A reading of each of these by one person, without bringing them here; returns how many had none yet."""
    chosen, values = notices.values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # The names are our own models'.
            f"""INSERT INTO notices_reading (notice_id, person_id, read_at)
            SELECT chosen.pk, %s, %s FROM ({chosen}) chosen (pk) ON CONFLICT DO NOTHING""",  # noqa: S608
            [person.pk, at, *values],
        )
        return int(cursor.rowcount)


def _facts(text: Text, case: Case | None) -> dict[str, object]:
    return {"text": text.as_dict(), **({"number": case.number} if case else {})}

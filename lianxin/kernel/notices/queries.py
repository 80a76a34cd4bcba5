"""The inbox: what was said to the viewer, to their offices, or to the holder of a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from lianxin.kernel.notices.kinds import worded
from lianxin.kernel.notices.models import Notice, Reading
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.text import Text

PAGE = 50
MANY = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words, and whether the viewer has read it."""

    notice: Notice
    text: Text
    read: bool

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.notice.created_at


def notices_of(viewer: Actor) -> QuerySet[Notice]:
    """Everything said to the viewer; nothing for somebody nobody knows."""
    if viewer.kind is ActorKind.RECEIPT and viewer.case_id:
        return Notice.objects.filter(case_id=viewer.case_id, organization=None, person=None)
    if viewer.person is None:
        return Notice.objects.none()
    mine = Q(person=viewer.person) | Q(person_key=viewer.person_key)
    for role in viewer.roles:
        mine |= Q(
            organization=role.organization_id, role__in=["", role.kind], created_at__gte=role.granted_at
        )
    return Notice.objects.filter(mine)


def inbox(viewer: Actor, *, before: int | None = None, size: int = PAGE) -> list[Told]:
    """The newest notices, continued before the primary key of the last one shown; two statements at most."""
    chosen = _with_reading(notices_of(viewer), viewer)
    if before is not None:
        chosen = chosen.filter(pk__lt=before)
    return _told(list(chosen.select_related("case").order_by("-pk")[:size]))


def notices_about(viewer: Actor, case_id: int) -> list[Told]:
    """What was said to the viewer about one case, oldest first."""
    chosen = _with_reading(notices_of(viewer).filter(case_id=case_id), viewer)
    return _told(list(chosen.order_by("pk")))


def unread_count(viewer: Actor) -> int:
    """How many the viewer has not read, counted no further than ``MANY``."""
    unread = notices_of(viewer).filter(~_read_by(viewer))
    return len(unread.values_list("pk", flat=True)[:MANY])


def _with_reading(notices: QuerySet[Notice], viewer: Actor) -> QuerySet[Notice]:
    return notices.annotate(seen_by_me=_read_by(viewer))


def _read_by(viewer: Actor) -> Q:
    """Read by its one addressee, or, where an office was told, by the viewer themselves."""
    own = Q(read_at__isnull=False)
    return (
        own | Q(Exists(Reading.objects.filter(notice=OuterRef("pk"), person=viewer.person)))
        if viewer.person
        else own
    )


def _told(notices: Sequence[Notice]) -> list[Told]:
    return [
        Told(notice, worded(notice.kind, notice.params, told_at=notice.created_at), notice.seen_by_me)  # type: ignore[attr-defined]
        for notice in notices
    ]

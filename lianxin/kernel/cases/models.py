"""Everything raised is a case with one owner, one deadline and one history."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.orgs.models import Organization, PathField, Region, Site
from lianxin.kernel.people.models import Person
from lianxin.kernel.prepared import run
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from lianxin.kernel.people.actors import Actor


class Case(models.Model):
    """One thing that somebody raised, whatever its kind; each kind adds its facts one-to-one.

    ``organization`` is the place it concerns; ``owner`` and ``owner_role`` say who has to act and ``due_at`` by
    when; ``supervisor`` is whom an overdue case has climbed to. ``wake_at`` is the next moment at which the
    system itself must look at it. ``root`` is the first case of its chain (a payout hangs under the report that
    earned it), within which separation of duties holds. ``disclosed_at`` is when the place it concerns first
    had to act; before that only the reviewing line sees it.
    """

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30, blank=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="cases")
    organization_path = PathField()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="chain")
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    owner_role = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    supervisor = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalation = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    disclosed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    client_token = models.UUIDField(unique=True, null=True, blank=True)
    search = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | models.Q(root__isnull=False),
                name="cases_a_child_has_a_root",
            )
        ]
        indexes = [
            models.Index(
                fields=["owner", "owner_role", "due_at", "id"],
                condition=models.Q(closed_at=None),
                name="cases_queue",
            ),
            models.Index(
                fields=["owner", "owner_role", "opened_at", "id"],
                condition=models.Q(closed_at=None),
                name="cases_arrivals",
            ),
            models.Index(
                fields=["supervisor", "due_at", "id"],
                condition=models.Q(closed_at=None, supervisor__isnull=False),
                name="cases_supervised",
            ),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(closed_at=None), name="cases_open_by_due"
            ),
            models.Index(fields=["wake_at"], condition=models.Q(closed_at=None), name="cases_wake"),
            models.Index(fields=["organization_path", "opened_at"], name="cases_by_place"),
            models.Index(fields=["kind", "opened_at"], name="cases_by_kind"),
            GinIndex(fields=["search"], name="cases_search"),
            models.Index(fields=["id"], condition=models.Q(search=None), name="cases_to_index"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def chain_id(self) -> int:
        """The primary key of the first case of its chain."""
        return self.root_id or self.pk


class ReporterQuerySet(models.QuerySet["Reporter"]):
    """Reporters, and whose they are."""

    def made_by(self, actor: "Actor") -> "ReporterQuerySet":
        """The rows of this person: named ones by the person, confidential ones by their blind key."""
        if actor.person is None:
            return self.none()
        return self.filter(models.Q(person=actor.person) | models.Q(person_key=actor.person_key))


class Reporter(models.Model):
    """Who raised a case, kept apart from it.

    Named: ``person`` says who. Confidential: ``person_key`` lets the reporter find the case again, and never stands
    beside a ``person``, which would unmask the same key elsewhere; ``sealed``
    holds the person under the keys of two custodians. Anonymous: only the digest of a receipt code.
    Row-level security shows these rows to reviewers and to the reporter, never to the place concerned.
    """

    class Mode(models.TextChoices):
        """How much of themselves the reporter shows."""

        NAMED = "named", Text("实名", "named")
        CONFIDENTIAL = "confidential", Text("保密", "confidential")
        ANONYMOUS = "anonymous", Text("匿名", "anonymous")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reporters")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization_path = PathField()
    position = models.PositiveSmallIntegerField(default=1)
    mode = models.CharField(max_length=12, choices=Mode)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="reported"
    )
    person_key = models.CharField(max_length=64, blank=True, db_index=True)
    sealed = models.BinaryField(null=True)
    receipt_digest = models.BinaryField(null=True, unique=True)
    share = models.PositiveSmallIntegerField(default=1)

    objects: ClassVar[ReporterQuerySet] = ReporterQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="cases_one_reporter_per_position"),
            models.UniqueConstraint(
                fields=["case", "person_key"],
                condition=~models.Q(person_key=""),
                name="cases_nobody_reports_twice",
            ),
            models.UniqueConstraint(fields=["case", "person"], name="cases_nobody_is_named_twice"),
            models.CheckConstraint(
                condition=models.Q(mode="named", person__isnull=False, person_key="")
                | models.Q(mode="confidential", person=None, sealed__isnull=False)
                | models.Q(mode="anonymous", person=None, sealed=None, person_key=""),
                name="cases_reporter_shows_no_more_than_chosen",
            ),
            models.CheckConstraint(condition=models.Q(share__gte=1), name="cases_share_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} reporter of {self.case_id}"


class Act(models.Model):
    """One step that was performed, with what was said. Append-only; erasing a text leaves its commitment.

    ``salt`` and ``data`` together give the commitment that the log entry holds.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="acts")
    step = models.CharField(max_length=40)
    from_status = models.CharField(max_length=30, blank=True)
    to_status = models.CharField(max_length=30)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="acts")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="acts"
    )
    role = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)
    salt = models.BinaryField()
    entry = models.OneToOneField(LogEntry, on_delete=models.PROTECT, related_name="act")
    client_token = models.UUIDField(unique=True, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="cases_history")]

    def __str__(self) -> str:
        return f"{self.step} of {self.case_id}"


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties, and the taking of them."""

    def claim(self, duties: Sequence["Duty"], *, at: datetime) -> set[tuple[int, str, str]]:
        """Insert those that nobody holds yet, in one statement; returns (chain, group, subject) of what was won."""
        columns = [
            [getattr(duty, name) for duty in duties] for name in ("chain_id", "group", "subject", "duty")
        ]
        won = run(
            """INSERT INTO cases_duty (chain_id, "group", subject, duty, at)
            SELECT c, g, s, d, $1 FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS t (c, g, s, d)
            ON CONFLICT (chain_id, "group", subject) DO NOTHING RETURNING chain_id, "group", subject""",
            [at, *columns],
        )
        return {(chain, group, subject) for chain, group, subject in won}


class Duty(models.Model):
    """Within one chain of cases, a subject (a person, or a body) takes at most one duty of a group.

    The primary promise of separation of duties: the unique constraint decides between two threads. The
    subject is a hash keyed for the chain, so rows of two chains cannot be joined to follow a person.
    """

    chain = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="duties")
    group = models.CharField(max_length=30)
    subject = models.CharField(max_length=64)
    duty = models.CharField(max_length=30)
    at = models.DateTimeField()

    objects: ClassVar[DutyQuerySet] = DutyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "group", "subject"], name="cases_one_duty_per_subject")
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.duty}"


class Attachment(models.Model):
    """A file under a case: re-encoded, stripped of metadata, named by the hash of its content."""

    class Kind(models.TextChoices):
        """What was found in the file, whatever its name said."""

        PHOTO = "photo", Text("照片", "photo")
        VOICE = "voice", Text("语音", "voice note")
        DOCUMENT = "document", Text("文件", "document")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="attachments")
    evidence = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind)
    media_type = models.CharField(max_length=60)
    sha256 = models.BinaryField()
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="cases_content")]

    def __str__(self) -> str:
        return f"{self.kind} under {self.case_id}"


class ContentErasure(models.Model):
    """Two custodians of two bodies erase what a file shows, for a stated reason; its rows, hash and log stay.

    ``second_at`` is the moment from which the content is gone.
    """

    sha256 = models.BinaryField(unique=True)
    reason = models.CharField(max_length=400)
    first_custodian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    first_body = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    second_custodian = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    second_body = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_custodian=None, second_body=None, second_at=None)
                | (
                    models.Q(
                        second_custodian__isnull=False, second_body__isnull=False, second_at__isnull=False
                    )
                    & ~models.Q(second_custodian=models.F("first_custodian"))
                    & ~models.Q(second_body=models.F("first_body"))
                ),
                name="cases_two_custodians_erase",
            )
        ]

    def __str__(self) -> str:
        return f"erasure of {bytes(self.sha256).hex()[:12]}"


class IdentityOpening(models.Model):
    """Two custodians of two bodies open a confidential reporter's identity, for a stated reason."""

    reporter = models.ForeignKey(Reporter, on_delete=models.PROTECT, related_name="openings")
    reason = models.CharField(max_length=400)
    first_custodian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    first_body = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    second_custodian = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    second_body = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_custodian=None)
                | (
                    ~models.Q(second_custodian=models.F("first_custodian"))
                    & ~models.Q(second_body=models.F("first_body"))
                ),
                name="cases_two_custodians_of_two_bodies",
            )
        ]

    def __str__(self) -> str:
        return f"opening of {self.reporter_id}"

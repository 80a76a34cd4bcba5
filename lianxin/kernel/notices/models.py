"""Notices to people and bodies, public notices, and messages on their way to phones."""

from typing import ClassVar

from django.db import models

from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization, PathField
from lianxin.kernel.people.models import Person
from lianxin.kernel.text import Text


class Notice(models.Model):
    """Something that somebody should know, in words that are put together when it is shown.

    The addressee is a person; or a confidential reporter by blind key, who is named nowhere; or those in an
    office (``role``, empty for any) at ``organization``; or, when none is given, whoever holds the receipt of
    ``case``. ``kind`` says how to word it and ``params`` holds the facts (never a reporter's name).
    ``handed_at``: when the channels to phones had their turn.
    """

    kind = models.CharField(max_length=60)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    person_key = models.CharField(max_length=64, blank=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    organization_path = PathField(blank=True, default="")
    role = models.CharField(max_length=40, blank=True)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, person_key="", organization=None)
                | (models.Q(person=None, organization=None) & ~models.Q(person_key=""))
                | models.Q(person=None, person_key="", organization__isnull=False)
                | models.Q(person=None, person_key="", organization=None, case__isnull=False),
                name="notices_one_addressee",
            ),
            models.CheckConstraint(
                condition=models.Q(role="") | models.Q(organization__isnull=False),
                name="notices_an_office_is_at_a_body",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["person", "-id"], condition=models.Q(person__isnull=False), name="notices_of_person"
            ),
            models.Index(
                fields=["person_key", "-id"], condition=~models.Q(person_key=""), name="notices_of_reporter"
            ),
            models.Index(
                fields=["organization", "role", "-id"],
                condition=models.Q(organization__isnull=False),
                name="notices_of_body",
            ),
            models.Index(
                fields=["kind", "id"], condition=models.Q(handed_at=None), name="notices_to_hand_over"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Reading(models.Model):
    """One of those in an office has read what was written to all of them."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "person"], name="notices_read_once_by_each")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} read"


class OutgoingMessage(models.Model):
    """A message to a phone: sealed address, a text that says no more than "look in Lianxin".

    The address is destroyed as soon as the message is sent or given up. ``key`` goes with every attempt, so
    that a gateway which was not heard the first time does not send it twice.
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", Text("待发送", "waiting")
        SENT = "sent", Text("已发送", "sent")
        FAILED = "failed", Text("未送达", "given up")

    channel = models.CharField(max_length=20)
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    address = models.BinaryField(null=True)
    text = models.CharField(max_length=300)
    key = models.UUIDField(unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", address__isnull=False, next_at__isnull=False)
                | models.Q(state__in=["sent", "failed"], address=None, next_at=None),
                name="notices_an_address_is_kept_no_longer_than_needed",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="waiting"), name="notices_messages_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state}"


class PublicNotice(models.Model):
    """What a body makes public 公示. ``{names}`` in the text stands for the people in :class:`PublicName`."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="public_notices")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField(blank=True)
    published_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(expires_at=None) | models.Q(expires_at__gt=models.F("published_at")),
                name="notices_public_for_some_time",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-published_at"], name="notices_public_newest")]

    def __str__(self) -> str:
        return self.title_zh


class PublicName(models.Model):
    """Somebody in a public notice: shown masked, unless their own consent to be named holds on that day."""

    notice = models.ForeignKey(PublicNotice, on_delete=models.CASCADE, related_name="names")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "position"], name="notices_one_name_per_position"),
            models.UniqueConstraint(fields=["notice", "person"], name="notices_named_once"),
        ]

    def __str__(self) -> str:
        return f"name {self.position} in {self.notice_id}"

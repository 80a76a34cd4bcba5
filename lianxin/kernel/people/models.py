"""Persons and what is sealed of them; accounts, roles, consent and tokens.

A person's identity number and phone are sealed under a data key of their own, which is itself wrapped by the
key ring: destroying the data key erases the person and leaves log and figures whole.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from lianxin.kernel.orgs.models import Organization, PathField


class Person(models.Model):
    """Somebody: worker, officer, expert, family member."""

    name = models.CharField(max_length=60)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, blank=True)
    organization_path = PathField(blank=True, default="")
    data_key = models.BinaryField(null=True)
    identity_sealed = models.BinaryField(null=True)
    identity_blind = models.BinaryField(null=True, unique=True)
    phone_sealed = models.BinaryField(null=True)
    phone_blind = models.BinaryField(null=True, unique=True)
    phone_verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(data_key__isnull=False)
                | models.Q(identity_sealed=None, phone_sealed=None),
                name="people_nothing_sealed_without_a_key",
            ),
            models.CheckConstraint(
                condition=models.Q(identity_sealed=None, identity_blind=None)
                | models.Q(identity_sealed__isnull=False, identity_blind__isnull=False),
                name="people_identity_is_sealed_and_blinded",
            ),
            models.CheckConstraint(
                condition=models.Q(phone_sealed=None, phone_blind=None)
                | models.Q(phone_sealed__isnull=False, phone_blind__isnull=False),
                name="people_phone_is_sealed_and_blinded",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_at=None)
                | models.Q(data_key=None, identity_sealed=None, phone_sealed=None, name=""),
                name="people_erased_means_erased",
            ),
        ]
        indexes = [models.Index(fields=["organization_path", "id"], name="people_by_place")]

    def __str__(self) -> str:
        return self.masked_name

    @property
    def masked_name(self) -> str:
        """The family name and stars: 张**."""
        return self.name[:1] + "**" if self.name else "**"


class AccountManager(BaseUserManager["Account"]):
    """Accounts are found by their login name."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "Account":
        """Make an account; without a password it can only sign in by phone code."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """What signs in. Workers by phone and code; anyone with a staff role by password and second factor."""

    username = models.CharField(max_length=60, unique=True)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="account", null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.username


class Role(models.Model):
    """Somebody holds an office at an organization: the source of every permission.

    ``scope_path`` repeats the organization's jurisdiction, so that "who is responsible here" and "what may
    they see" are one index range.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="roles")
    scope_path = PathField()
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "organization"],
                condition=models.Q(ended_at=None),
                name="people_one_role_at_a_time",
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "scope_path"], condition=models.Q(ended_at=None), name="people_role_in_office"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.organization_id}"


class Consent(models.Model):
    """A person's yes to one purpose, in the words they were shown, until it expires or is withdrawn."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    wording = models.CharField(max_length=400)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=models.Q(withdrawn_at=None),
                name="people_one_consent_per_purpose",
            )
        ]

    def __str__(self) -> str:
        return self.purpose


class Token(models.Model):
    """A key to the API for a person or a partner system: hashed, scoped, revocable."""

    name = models.CharField(max_length=80)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="tokens")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, null=True, blank=True)
    digest = models.BinaryField(unique=True)
    prefix = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person=None) ^ models.Q(organization=None),
                name="people_token_has_one_owner",
            )
        ]

    def __str__(self) -> str:
        return self.name


class SetupCode(models.Model):
    """What an administrator hands over to somebody in an office, so that they can set their own password, once.

    Kept as a digest. It is open until it is used, revoked by the next one, or past its time; never open again.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="setup_codes")
    digest = models.BinaryField(unique=True)
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    client_token = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(used_at=None, revoked_at=None),
                name="people_one_open_setup_code",
            ),
            models.UniqueConstraint(fields=["person", "client_token"], name="people_setup_code_sent_once"),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(revoked_at=None),
                name="people_setup_code_used_or_revoked",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(used_at__lt=models.F("expires_at")),
                name="people_setup_code_used_in_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(issued_by=models.F("person")), name="people_setup_code_from_another"
            ),
        ]

    def __str__(self) -> str:
        return f"for {self.person_id}"


class Throttle(models.Model):
    """How often something was tried from somewhere in a window of time."""

    key = models.CharField(max_length=120)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="people_one_count_per_window")]

    def __str__(self) -> str:
        return self.key


class DemoMessage(models.Model):
    """A code that a demonstration shows on a page instead of sending it; a production system writes none."""

    phone_masked = models.CharField(max_length=20)
    text = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.phone_masked

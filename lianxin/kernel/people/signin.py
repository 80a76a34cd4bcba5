"""How allauth meets our persons: phone and code for workers, password and second factor for offices."""

import secrets
from datetime import datetime
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from lianxin.kernel import clock, crypto, scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.people import messages
from lianxin.kernel.people.actors import Actor, ActorKind, actor_for
from lianxin.kernel.people.models import Account, Person
from lianxin.kernel.people.numbers import phone_number
from lianxin.kernel.people.sealed import find_by, open_fact
from lianxin.kernel.people.services import set_phone, stream_of
from lianxin.kernel.people.throttles import forgive, throttle_by
from lianxin.kernel.refusals import Refused, TooMany
from lianxin.kernel.text import Text

QUARTER, HOUR = 900, 3_600
PASSKEY = "webauthn"


class PhoneField(forms.CharField):
    """A mobile number, however it was typed."""

    def __init__(self, **kwargs: Any) -> None:
        tel = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        kwargs.setdefault("label", Text("手机号", "Mobile number"))
        kwargs.setdefault("widget", tel)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """One spelling for a number; a faulty one is the form's error."""
        text = super().clean(value)
        try:
            return phone_number(text) if text else ""
        except Refused as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Looks persons up by blind index; nothing here ever writes a plain number."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: a person is enrolled first, by their union or by themselves through our own page."""
        del request
        return False

    def phone_form_field(self, **kwargs: Any) -> forms.Field:
        """The field for a number, wherever allauth asks for one."""
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """The field has done it."""
        return phone

    def generate_phone_verification_code(self, *, user: AbstractBaseUser, phone: str) -> str:
        """Six digits: three tries in five minutes, six codes an hour."""
        del user, phone
        return new_code()

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        """The account's phone number and whether a code proved it."""
        person = _person_of(user)
        phone = open_fact(person, "phone") if person else ""
        return (phone, person.phone_verified_at is not None) if person and phone else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth calls it so
        """A new number for the account's person."""
        person = _person_of(user)
        if person:
            set_phone(
                person, phone, actor=Actor(ActorKind.PERSON, person=person), at=clock.now(), verified=verified
            )

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        """Remember when a code sent to the number first came back."""
        person = _person_of(user)
        if person and person.phone_verified_at is None and open_fact(person, "phone") == phone:
            self.set_phone(user, phone, verified=True)

    def get_user_by_phone(self, phone: str) -> Account | None:
        """The account of whoever has this number."""
        try:
            number = phone_number(phone)
        except Refused:
            return None
        with scope.use(scope.EVERYTHING):
            person = find_by("phone", number)
        return Account.objects.filter(person_id=person.pk, is_active=True).first() if person else None

    def send_verification_code_sms(
        self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any
    ) -> None:
        """Send a code, a few times an hour for one number."""
        del user, kwargs
        limit_codes(phone, clock.now())
        messages.send_code(phone, code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Send nothing, and count it all the same: whether a number is known is nobody's business."""
        del kwargs
        limit_codes(phone, clock.now())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Lock a login name out for a while after some failures, wherever they come from."""
        key = _login_key(credentials)
        if key:
            try:
                throttle_by("people.login_failures", key, default=5, window_seconds=QUARTER, at=clock.now())
            except TooMany as refusal:
                raise ValidationError(str(refusal.message), code="too_many_login_attempts") from None
        super().pre_authenticate(request, **credentials)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Check a password; the right one forgives the wrong ones before it."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        key = _login_key(credentials)
        if user is not None and key:
            forgive(key)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Tell the log of the person whose name it was; a name that is nobody's is not kept."""
        del request
        account = Account.objects.filter(username=str(credentials.get("username", ""))).first()
        if account and account.person_id:
            told = f"person:{account.person_id}"
            record("person.sign_in_failed", stream=told, actor="anonymous", at=clock.now())

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> Any:
        """Log who signed in, and by what."""
        person = _person_of(user)
        if person:
            methods = sorted({str(one["method"]) for one in get_authentication_records(request, user)})
            actor = f"person:{person.pk}"
            record(
                "person.sign_in", stream=stream_of(person), actor=actor, at=clock.now(), after={"by": methods}
            )
        return super().post_login(request, user, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead somebody in an office to what is still missing; everybody else to their home."""
        missing = second_factor_missing(request)
        return missing or str(super().get_login_redirect_url(request))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of the second factor are sealed like everything else."""

    # The library says "incorrect code", also of a passkey.
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": Text(
            "没有通过：验证码不对，或这个密钥不属于本站账号。请再试一次。",
            "Not accepted: the code is wrong, or no account here has this key. Please try again.",
        ),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return crypto.seal(text, purpose="second-factor", aad="second-factor").hex()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it."""
        return crypto.unseal(
            bytes.fromhex(encrypted_text), purpose="second-factor", aad="second-factor"
        ).decode()

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return user.get_username()


def new_code() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session may act in an office: password and second factor, or a passkey that checks its user.

    A passkey counts once the account was set up (``setup_codes``): before that it may be of whoever held the phone.
    """
    records = get_authentication_records(request, request.user)
    methods = {record["method"] for record in records}
    passkey = any(
        one["method"] == "mfa" and one.get("type") == PASSKEY and one.get("passwordless") for one in records
    )
    return (passkey and _is_set_up(request.user)) or methods >= {"password", "mfa"}


def second_factor_missing(request: HttpRequest) -> str:
    """The page that somebody in an office has to pass next; empty for workers and for who has passed."""
    person = _person_of(request.user)
    if person is None or not actor_for(person).is_staff or has_second_factor(request):
        return ""
    records = get_authentication_records(request, request.user)
    if not any(one["method"] == "password" for one in records):
        known = _is_set_up(request.user)
        return reverse("account_reauthenticate" if known else "account_set_password")
    return reverse("mfa_index") if not _has_authenticator(request.user) else reverse("mfa_reauthenticate")


def second_factor_set_up(
    *, request: HttpRequest, user: AbstractBaseUser, authenticator: Authenticator, **_told: Any
) -> None:
    """Take a second factor that was proved a moment ago, when it was set up, as given in this session too.

    Without it, somebody new in an office had to wait for their app's next code: each is good for one use.
    """
    if authenticator.type in {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}:
        record_authentication(request, user, "mfa", type=authenticator.type)


def _is_set_up(user: Any) -> bool:
    """Whether the account has a password: somebody handed its owner the code for one."""
    return bool(user.has_usable_password())


def _has_authenticator(user: Any) -> bool:
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def _person_of(user: Any) -> Person | None:
    pk = getattr(user, "person_id", None)
    if pk is None:
        return None
    with scope.use(scope.EVERYTHING):
        return Person.objects.filter(pk=pk, erased_at=None).first()


def _login_key(credentials: dict[str, Any]) -> str:
    name = str(credentials.get("username") or credentials.get("phone") or "").strip().lower()
    return f"login:{name}" if name else ""


def limit_codes(phone: str, at: datetime) -> None:
    """Count a code that goes to this number, or would; raises ``TooMany`` past ``people.codes_per_hour``."""
    throttle_by("people.codes_per_hour", f"code:{phone}", default=6, window_seconds=HOUR, at=at)

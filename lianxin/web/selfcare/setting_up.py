"""Setting the password of an office with a code that was handed over, and what to do about a forgotten one."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from lianxin.kernel import clock
from lianxin.kernel.people.models import Account
from lianxin.kernel.people.setup_codes import set_up_password
from lianxin.kernel.people.signin import second_factor_missing
from lianxin.kernel.refusals import NotFound, Refused, TooMany
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import signed_in
from lianxin.web.selfcare.views import me


class SetUpForm(forms.Form):
    """The code, and the new password twice."""

    code = forms.CharField(
        label=Text("开通码", "Set-up code"),
        max_length=40,
        help_text=Text(
            "管理员当面交给您的 12 位码，如 ABCD-EFGH-JKLM。",
            "The 12 characters that your administrator handed you, like ABCD-EFGH-JKLM.",
        ),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )
    password = forms.CharField(
        label=Text("新密码", "New password"),
        help_text=Text("至少 12 个字符，不要用常见的密码。", "At least 12 characters, and not a common one."),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=Text("再输一遍新密码", "The new password again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if {"password", "again"} <= data.keys() and data["password"] != data["again"]:
            self.add_error("again", str(Text("两次输入不一样。", "The two are not the same.")))
        return data


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def set_up(request: HttpRequest) -> HttpResponse:
    """Set the password of one's account; whoever has one changes it with the old one instead."""
    actor, _ = me(request)
    account = request.user
    if not isinstance(account, Account) or account.has_usable_password():
        return see_other(reverse("account_change_password"))
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            fresh = set_up_password(
                account,
                code=form.cleaned_data["code"],
                password=form.cleaned_data["password"],
                actor=actor,
                at=clock.now(),
            )
        except TooMany as refused:
            form.add_error("code", str(refused.message))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused.message))
        else:
            return _go_on(request, fresh)
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "selfcare/set_up.html", {"form": form}, status=status)


def _go_on(request: HttpRequest, account: Account) -> HttpResponse:
    """The password was given a moment ago, and this session alone goes on with it, to the second factor."""
    request.user = account
    update_session_auth_hash(request, account)
    record_authentication(request, account, "password", reauthenticated=True)
    done = Text("密码已设好。还差第二步验证。", "The password is set. The second factor is still to come.")
    messages.success(request, str(done))
    return see_other(second_factor_missing(request) or reverse("web:home"))


@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    """Say whom to ask: there is no e-mail here, and a phone alone does not open an office."""
    return render(request, "selfcare/forgotten.html")


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer the library's pages about e-mail addresses, which nobody has here."""
    del request, rest
    raise NotFound("no_such_page", Text("没有这个页面。", "There is no such page."))

"""Keys to the API: made here, shown once, revoked here."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from lianxin.kernel import clock
from lianxin.kernel.people.models import Token
from lianxin.kernel.people.signin import second_factor_missing
from lianxin.kernel.people.tokens import create_token, revoke_token
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.viewers import SECOND_FACTOR, signed_in
from lianxin.web.selfcare.views import me

# What the API asks of a token, in the same words; a test holds the two lists together.
SCOPES = {
    "cases:open": Text("提交", "open cases"),
    "cases:read": Text("查看办件", "read cases"),
    "cases:perform": Text("办理", "perform steps"),
    "queue:read": Text("查看待办", "read the queue"),
    "figures:read": Text("查看内部数据", "read internal figures"),
}
LIVES = {"30": Text("30 天", "30 days"), "90": Text("90 天", "90 days"), "365": Text("一年", "a year")}


class KeyForm(forms.Form):
    """What a key is for, what it may do and for how long."""

    name = forms.CharField(label=Text("用途", "What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=Text("可以做什么", "What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=Text("有效期", "How long it lasts"), choices=list(LIVES.items()), initial="90"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def keys(request: HttpRequest) -> HttpResponse:
    """List one's keys, and make one: its secret stands on this answer and nowhere else."""
    actor, person = me(request)
    if missing := second_factor_missing(request):
        # A key acts in one's offices: it takes what the workbench takes.
        messages.warning(request, str(SECOND_FACTOR))
        return HttpResponseRedirect(f"{missing}?{urlencode({'next': request.path})}")
    at = clock.now()
    form = KeyForm(request.POST if request.method == "POST" else None)
    facts: dict[str, Any] = {"form": form, "secret": ""}
    status = 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        _, facts["secret"] = create_token(
            data["name"],
            person=person,
            scopes=data["scopes"],
            actor=actor,
            at=at,
            expires_at=at + timedelta(days=int(data["days"])),
        )
        facts["form"] = KeyForm()
    elif request.method == "POST":
        status = UNPROCESSABLE
    tokens = Token.objects.filter(person=person).order_by("-pk")[:50]
    facts["tokens"] = [
        (token, [SCOPES.get(code, code) for code in token.scopes], _stands(token, at)) for token in tokens
    ]
    response = render(request, "selfcare/keys.html", facts, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _stands(token: Token, at: Any) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > at)


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own keys at once."""
    actor, person = me(request)
    token = Token.objects.filter(person=person, pk=pk).first()
    if token is None:
        raise NotFound("token_unknown", Text("没有这个密钥。", "There is no such key."))
    try:
        revoke_token(token, actor=actor, at=clock.now())
    except Refused as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, str(Text("已撤销，立即失效。", "Revoked, from now on.")))
    return see_other(reverse("me:keys"))

"""My data, who looked at it, and what I agreed to."""

from dataclasses import dataclass
from typing import get_args

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.kernel.notices.public import TO_BE_NAMED
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people import consents, reveals
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Consent, Person
from lianxin.kernel.people.reveals import Look
from lianxin.kernel.people.roles import role_kind
from lianxin.kernel.people.sealed import Fact, identity_masked, phone_masked
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.web.answers import see_other
from lianxin.web.casework.viewers import actor_of, signed_in

FACTS = {"phone": Text("手机号", "Mobile number"), "identity": Text("身份证号", "Identity number")}
PURPOSES = {TO_BE_NAMED: Text("公示时公开我的姓名", "Publish my name in public notices")}
# The words that are agreed to are kept with the consent, in the language in which they were read.
WORDINGS = {
    TO_BE_NAMED: Text(
        "我同意工会在公示中写出我的全名；我可以随时撤回，撤回后只显示姓。",
        "My union may write my full name in public notices. I can take this back at any time; then only my family "
        "name is shown.",
    )
}


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looked at a sealed value of the reader's."""

    look: Look
    what: Text | str
    who: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose with the reader's consent to it, if they gave one."""

    code: str
    label: Text | str
    wording: Text | str
    consent: Consent | None


def me(request: HttpRequest) -> tuple[Actor, Person]:
    """The reader; the page asked for signing in before."""
    actor = actor_of(request)
    if actor.person is None:
        raise NotFound("nobody", Text("请先登录。", "Sign in first."))
    return actor, actor.person


@require_safe
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Show the reader's own data, who looked, and what they agreed to."""
    actor, person = me(request)
    facts = {
        "person": person,
        "organization": person.organization,
        "sealed": [
            ("phone", FACTS["phone"], phone_masked(person)),
            ("identity", FACTS["identity"], identity_masked(person)),
        ],
        "roles": [
            (role.organization.label, role_kind(role.kind).label, role.granted_at) for role in actor.roles
        ],
        "looks": looks_of(actor, person),
        "purposes": purposes_of(person),
    }
    return render(request, "selfcare/profile.html", facts)


def looks_of(actor: Actor, person: Person) -> list[Looked]:
    """Who looked, newest first, each with the name of the body that they looked for."""
    looks = reveals.reveals_of(person, viewer=actor)
    bodies = Organization.objects.in_bulk({look.organization for look in looks if look.organization})
    return [
        Looked(
            look,
            FACTS.get(look.what, look.what),
            bodies[look.organization].label if look.organization in bodies else "",
        )
        for look in looks[:100]
    ]


def purposes_of(person: Person) -> list[Purpose]:
    """The purposes that can be agreed to, and whatever else was agreed to."""
    given = {consent.purpose: consent for consent in Consent.objects.filter(person=person, withdrawn_at=None)}
    codes = [*PURPOSES, *(code for code in given if code not in PURPOSES)]
    return [
        Purpose(
            code,
            PURPOSES.get(code, code),
            given[code].wording if code in given else WORDINGS[code],
            given.get(code),
        )
        for code in codes
    ]


@require_POST
@signed_in
def reveal(request: HttpRequest, what: str) -> HttpResponse:
    """Show the reader one of their own sealed values."""
    actor, person = me(request)
    if what not in FACTS:
        raise NotFound("fact_unknown", Text("没有这一项。", "There is no such thing."))
    fact: Fact = next(each for each in get_args(Fact) if each == what)
    value = reveals.reveal(person, fact, actor=actor, reason="", at=clock.now())
    response = render(
        request,
        "selfcare/_revealed.html" if request.headers.get("HX-Request") else "selfcare/revealed.html",
        {"value": value, "label": FACTS[what]},
    )
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@signed_in
def consent(request: HttpRequest) -> HttpResponse:
    """Agree to a purpose, or take the consent back."""
    actor, person = me(request)
    purpose, at = request.POST.get("purpose", ""), clock.now()
    try:
        if request.POST.get("give"):
            _give(person, purpose, actor)
            messages.success(request, str(Text("已记下您的同意。", "Your consent is kept.")))
        else:
            consents.withdraw_consent(person, purpose, actor=actor, at=at)
            messages.success(request, str(Text("已撤回。", "Taken back.")))
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, str(refused.message))
    return see_other(f"{reverse('me:profile')}#consents")


def _give(person: Person, purpose: str, actor: Actor) -> None:
    if purpose not in PURPOSES:
        raise NotFound("purpose_unknown", Text("没有这个用途。", "There is no such purpose."))
    consents.give_consent(person, purpose, wording=str(WORDINGS[purpose]), actor=actor, at=clock.now())

"""Who holds which office; administrators grant and end them."""

import uuid
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.queries import under
from lianxin.kernel.keys import key_in
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Account, Person, Role
from lianxin.kernel.people.roles import ADMINISTRATOR, role_kind, role_kinds
from lianxin.kernel.people.services import end_role, grant_role
from lianxin.kernel.people.setup_codes import issue_setup_code
from lianxin.kernel.refusals import NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, see_other
from lianxin.web.casework.listing import NextPage
from lianxin.web.casework.viewers import actor_of, officers_only

PAGE, MOST = 50, 50


def paths_of(viewer: Actor) -> list[str]:
    """Where the viewer is administrator; raises ``NotAllowed`` for nobody's."""
    paths = [role.scope_path for role in viewer.roles if role.kind == ADMINISTRATOR.code]
    if not paths:
        raise NotAllowed("wrong_role", Text("须由系统管理员办理。", "This is for administrators."))
    return paths


def within(paths: list[str], column: str) -> Q:
    """Rows at or below one of the paths."""
    return reduce(or_, (under(path, column) for path in paths))


class GrantForm(forms.Form):
    """Who comes into which office where; the person is chosen from a search by name."""

    person = forms.ModelChoiceField(Person.objects.none(), label=Text("人员", "Person"), empty_label=None)
    kind = forms.ChoiceField(label=Text("岗位", "Office"))
    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=Text("单位", "Organization"), empty_label=None
    )

    def __init__(self, data: Any, *, people: QuerySet[Person], bodies: QuerySet[Organization]) -> None:
        """People and bodies within the administrator's reach."""
        super().__init__(data)
        person: Any = self.fields["person"]
        body: Any = self.fields["organization"]
        kind: Any = self.fields["kind"]
        person.queryset, body.queryset = people, bodies
        person.label_from_instance = lambda found: f"{found.name} · {found.organization or '—'}"
        kind.choices = [(each.code, each.label) for each in role_kinds()]


@dataclass(frozen=True, slots=True)
class HeldOffice:
    """An office in the list, and whether its holder has set a password yet."""

    role: Role
    kind: Text
    own: bool
    needs_password: bool
    set_up: bool


@require_safe
@officers_only
def roles(request: HttpRequest) -> HttpResponse:
    """List the offices held within the administrator's reach, and offer to grant one."""
    viewer = actor_of(request)
    return _page(request, viewer, _form(request, viewer, None))


def _form(request: HttpRequest, viewer: Actor, data: Any) -> GrantForm:
    """With a name searched for, the people of that name; without one nobody to choose from."""
    paths = paths_of(viewer)
    name = request.GET.get("name", "").strip()
    people = Person.objects.filter(within(paths, "organization_path"), erased_at=None).select_related(
        "organization"
    )
    if data is None:
        people = people.filter(name__icontains=name) if name else people.none()
        chosen = people.order_by("name")[:MOST]
        people = people.filter(pk__in=[person.pk for person in chosen])
    bodies = Organization.objects.filter(within(paths, "path"), active=True).order_by("path")
    return GrantForm(data, people=people, bodies=bodies)


def _held(role: Role, viewer: Actor) -> HeldOffice:
    kind = role_kind(role.kind)
    own = viewer.person is not None and role.person_id == viewer.person.pk
    account: Account | None = getattr(role.person, "account", None)
    set_up = account is not None and account.has_usable_password()
    return HeldOffice(role, kind.label, own=own, needs_password=kind.staff, set_up=set_up)


def _page(
    request: HttpRequest,
    viewer: Actor,
    form: GrantForm,
    *,
    fault: Text | None = None,
    shown: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    held = Role.objects.filter(within(paths_of(viewer), "scope_path"), ended_at=None)
    after = key_in(request.GET.get("after", ""))
    if after is not None:
        held = held.filter(pk__lt=after)
    # Whoever holds an office here is theirs to see, wherever that person belongs.
    with scope.use(scope.EVERYTHING):
        with_account = held.select_related("person__account", "organization")
        rows = list(with_account.order_by("-pk")[: PAGE + 1])
    facts = {
        "rows": [_held(role, viewer) for role in rows[:PAGE]],
        "shown": shown,
        "token": uuid.uuid4(),
        "page": NextPage(str(rows[PAGE - 1].pk) if len(rows) > PAGE else None),
        "form": form,
        "name": request.GET.get("name", ""),
        "fault": fault,
    }
    return render(request, "offices/roles.html", facts, status=status)


@require_POST
@officers_only
def grant(request: HttpRequest) -> HttpResponse:
    """Put somebody into an office."""
    viewer = actor_of(request)
    form = _form(request, viewer, request.POST)
    if not form.is_valid():
        return _page(request, viewer, form, status=UNPROCESSABLE)
    data = form.cleaned_data
    try:
        grant_role(
            data["person"], role_kind(data["kind"]), data["organization"], actor=viewer, at=clock.now()
        )
    except Refused as refused:
        return _page(request, viewer, form, fault=refused.message, status=UNPROCESSABLE)
    messages.success(
        request,
        str(
            Text(
                "已任命。没有设过密码的，请在下面给他发开通码，当面交给本人。",
                "Appointed. Whoever has no password yet needs a set-up code: make it below and hand it over in person.",
            )
        ),
    )
    return see_other(reverse("offices:roles"))


@require_POST
@officers_only
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an office away, from now on."""
    viewer = actor_of(request)
    end_role(_role(viewer, pk), actor=viewer, at=clock.now())
    messages.success(request, str(Text("任职已结束。", "The office has ended.")))
    return see_other(reverse("offices:roles"))


@require_POST
@never_cache
@officers_only
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a set-up code for whoever holds the office; it stands on this answer and nowhere else."""
    viewer = actor_of(request)
    person = _role(viewer, pk).person
    try:
        code, secret = issue_setup_code(
            person, actor=viewer, at=clock.now(), client_token=_token(request.POST.get("client_token", ""))
        )
    except Refused as refused:
        form = _form(request, viewer, None)
        return _page(request, viewer, form, fault=refused.message, status=UNPROCESSABLE)
    shown = {"secret": secret, "person": person, "until": code.expires_at}
    return _page(request, viewer, _form(request, viewer, None), shown=shown)


def _token(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _role(viewer: Actor, pk: int) -> Role:
    held = Role.objects.filter(within(paths_of(viewer), "scope_path"), pk=pk).select_related(
        "person", "organization"
    )
    with scope.use(scope.EVERYTHING):
        role = held.first()
    if role is None:
        raise NotFound("role_unknown", Text("没有这个任职。", "There is no such office."))
    return role

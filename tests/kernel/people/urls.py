"""The product's pages, and one that says who the request's actor is."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from lianxin.kernel import scope
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.signin import second_factor_missing


def who(request: HttpRequest) -> JsonResponse:
    """The actor, and how many persons the connection shows."""
    actor = request.actor  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "label": actor.label,
            "roles": [role.kind for role in actor.roles],
            "has_office": request.has_office,  # type: ignore[attr-defined]
            "missing": second_factor_missing(request),
            "persons": Person.objects.count(),
            "wide": list(scope.current().wide),
        }
    )


urlpatterns = [path("who/", who), path("", include("lianxin.urls"))]

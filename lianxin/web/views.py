"""The shell's own pages: home, the reader's choices, and what makes the site installable."""

import hashlib

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from lianxin.kernel import clock
from lianxin.web import gallery as samples
from lianxin.web import navigation, reader
from lianxin.web.casework.desk import desk_facts
from lianxin.web.casework.narrowing import Asked, begin
from lianxin.web.casework.viewers import actor_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Offer a worker six large actions, and whoever holds an office their work."""
    viewer = actor_of(request)
    if viewer.roles:
        # Whoever goes on from here goes through the whole of their queue.
        return begin(request, render(request, "web/desk.html", desk_facts(viewer, at=clock.now())), Asked())
    return render(request, "web/home.html")


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/", status=303)


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=reader.A_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read on in the other language."""
    response = _back(request)
    chosen = request.POST.get("language", "")
    if chosen in {reader.CHINESE, reader.ENGLISH}:
        _remember(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@require_POST
def print_size(request: HttpRequest) -> HttpResponse:
    """Read on in large print, or no longer."""
    response = _back(request)
    _remember(response, reader.LARGE_PRINT_COOKIE, "1" if request.POST.get("large") == "1" else "0")
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the site to a phone that installs it."""
    english = reader.is_english()
    return JsonResponse(
        {
            "name": "Lianxin" if english else "连心",
            "short_name": "Lianxin" if english else "连心",
            "lang": "en" if english else "zh-Hans",
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f7f5f2",
            "theme_color": "#b3132b",
            "icons": [
                {"src": static("web/logo.svg"), "sizes": "any", "type": "image/svg+xml"},
                {"src": static("web/logo-192.png"), "sizes": "192x192", "type": "image/png"},
                {"src": static("web/logo-512.png"), "sizes": "512x512", "type": "image/png"},
            ],
        },
        content_type="application/manifest+json",
    )


SHELL_FILES = (
    "vendor/tabler.min.css",
    "vendor/htmx.min.js",
    "vendor/icons.svg",
    "web/lianxin.css",
    "web/pages.css",
    "web/logo.svg",
    "web/shell.js",
    "web/upload.js",
    "web/drafts.js",
)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the script that answers without a signal; it stands at the root so that it covers the site."""
    files = [static(name) for name in SHELL_FILES]
    pages = [link.href for link in navigation.links((navigation.REPORT, navigation.SUGGEST), (), "")]
    version = hashlib.sha256(repr(files).encode()).hexdigest()[:12]
    facts = {"files": files, "open_pages": pages, "version": version}
    response = render(request, "web/sw.js", facts, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no signal; the service worker keeps this page."""
    # Fetched beside a first visitor's first page: a token of its own here would make the one in that page invalid.
    return render(request, "web/offline.html", {"csrf_token": ""})


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component, empty, full and at fault; only where nobody works."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    return render(request, "web/gallery.html", samples.facts(bound="faulty" in request.GET))

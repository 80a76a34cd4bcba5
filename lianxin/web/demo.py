"""The demonstration's cast: who can be tried, and how each signs in right now. Exists in a demonstration alone.

``lianxin demo`` writes ``demo.json`` into the home: a list of objects with ``username``, ``label_zh``, ``label_en``,
``role_zh``, ``role_en`` and, as far as they apply, ``phone``, ``password``, ``totp_secret``, ``body_zh``, ``body_en``.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lianxin.kernel.people.messages import shown_codes
from lianxin.kernel.text import Text

FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody of the cast; ``code`` is what their authenticator would show at this moment."""

    name: Text
    role: Text
    body: Text
    username: str
    phone: str
    password: str
    code: str


@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    """List everybody of the demonstration with how to sign in; outside a demonstration there is no such page."""
    if not settings.DEMO:
        raise Http404
    facts = {
        "players": players(at=time.time()),
        "left": seconds_left(at=time.time()),
        "codes": shown_codes(5),
    }
    response = render(request, "web/demo.html", facts)
    response["Cache-Control"] = "no-store"
    return response


def players(*, at: float) -> list[Player]:
    """The cast from the home's file; nobody while there is none, or it is damaged."""
    try:
        found = json.loads((Path(settings.HOME) / FILE).read_text(encoding="utf-8"))
        return [_player(each, at) for each in found]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def seconds_left(*, at: float) -> int:
    """For how long the codes shown still hold."""
    period = int(app_settings.TOTP_PERIOD)
    return period - int(at) % period


def _player(told: dict[str, Any], at: float) -> Player:
    secret = told.get("totp_secret") or ""
    return Player(
        name=Text(told["label_zh"], told.get("label_en") or told["label_zh"]),
        role=Text(told["role_zh"], told.get("role_en") or told["role_zh"]),
        body=Text(told.get("body_zh") or "", told.get("body_en") or told.get("body_zh") or ""),
        username=told.get("username") or "",
        phone=told.get("phone") or "",
        password=told.get("password") or "",
        code=code_of(secret, at=at) if secret else "",
    )


def code_of(secret: str, *, at: float) -> str:
    """What an authenticator app with this secret shows at a moment."""
    return str(format_hotp_value(hotp_value(secret, int(at) // int(app_settings.TOTP_PERIOD))))

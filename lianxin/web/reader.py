"""What the shell knows about who is reading: language, size of print, roles."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

LARGE_PRINT_COOKIE = "lianxin_large_print"
A_YEAR = 365 * 24 * 3600
CHINESE, ENGLISH = "zh-hans", "en"


def chosen_language(request: HttpRequest) -> str:
    """The language the reader chose; Chinese for whoever has not."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, CHINESE)
    return chosen if chosen in {CHINESE, ENGLISH} else CHINESE


def is_english() -> bool:
    """Whether the page being written is in English."""
    return (get_language() or CHINESE).startswith(ENGLISH)


def wants_large_print(request: HttpRequest) -> bool:
    """Whether the reader asked for large print."""
    return request.COOKIES.get(LARGE_PRINT_COOKIE) == "1"


def roles_of(request: HttpRequest) -> frozenset[str]:
    """The codes of the roles this reader holds; empty for a worker or a stranger."""
    actor = getattr(request, "actor", None)
    return frozenset(role.kind for role in actor.roles) if actor else frozenset()


def is_signed_out(request: HttpRequest) -> bool:
    """Whether this is known to be nobody in particular, not even the holder of a receipt."""
    actor = getattr(request, "actor", None)
    return actor is not None and actor.person is None and actor.case_id is None

"""Language by choice, and a proper page for every "no"."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.cache import patch_vary_headers

from lianxin.kernel.refusals import Refused
from lianxin.web import errors, reader

GetResponse = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Chinese, unless the reader chose English; what the browser prefers is not asked.

    Many phones here are set to a language that their owner does not read.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language."""
        translation.activate(reader.chosen_language(request))
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", translation.get_language() or reader.CHINESE)
        return response


class AddressMiddleware:
    """Leaves out of every address the one character that PostgreSQL has in no text, before anything reads it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer what is left."""
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked:
            request.META["QUERY_STRING"] = asked.replace("%00", "")
        return self.get_response(request)


class RefusalMiddleware:
    """Turns a refusal that a view lets through into a page, or into a partial when htmx asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; an empty "not allowed" becomes a page."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return errors.not_opened_directly(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what we know how to answer; the rest is Django's."""
        if isinstance(exception, Refused):
            return errors.refusal(request, exception)
        if isinstance(exception, RequestDataTooBig):
            return errors.too_large(request)
        return None

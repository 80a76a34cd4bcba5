"""The product's addresses, and a form that keeps drafts."""

from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path

from lianxin import urls
from lianxin.web.gallery import NOW

FORM = """{% extends "web/worker.html" %}{% block title %}Report{% endblock %}{% block content %}
{% heading "Sample" "Sample" %}{% endheading %}
{% form "" draft="sample" %}{% form_errors form %}{% upload form.photo kind="photo" %}
{% field form.place %}
{% button "提交" "Send" id="send" %}{% endform %}{% endblock %}"""
DONE = """{% extends "web/worker.html" %}{% block title %}Done{% endblock %}{% block content %}
<h1>Receipt</h1>{% endblock %}"""

received: list[dict[str, Any]] = []


class SampleForm(forms.Form):
    """A photo and a place."""

    photo = forms.FileField(label="Photo", required=False)
    # Only the server knows this rule: the browser lets the form go.
    place = forms.CharField(label="Place", validators=[MinLengthValidator(2)])


def report(request: HttpRequest) -> HttpResponse:
    """Take a report, or send it back."""
    form = SampleForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        photo = form.cleaned_data["photo"]
        token = request.POST["client_token"]
        received.append({"place": form.cleaned_data["place"], "photo": photo and photo.name, "token": token})
        return HttpResponseRedirect("/done/", status=303)
    status = 422 if request.method == "POST" else 200
    return HttpResponse(engines["django"].from_string(FORM).render({"form": form}, request), status=status)


def done(request: HttpRequest) -> HttpResponse:
    """Say that it was received."""
    return HttpResponse(engines["django"].from_string(DONE).render({"now": NOW}, request))


urlpatterns = [*urls.urlpatterns, path("sample/", report), path("done/", done)]
handler404 = urls.handler404

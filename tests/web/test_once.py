"""What is drawn once for everybody."""

import pytest
from django.template import TemplateSyntaxError, engines
from django.utils import translation

from tests.web.conftest import Draw

KEPT = """{% load static %}{% once %}<a href="{% url 'web:home' %}">{% icon "home" %}{% t "首页" "Home" %}</a>
<img src="{% static 'web/logo.svg' %}">{% button "回去" "Back" href="/" wide=True %}{% endonce %}"""


def test_once_draws_words_addresses_and_icons(draw: Draw) -> None:
    shown = draw(KEPT)
    assert '<a href="/">' in shown
    assert "首页" in shown
    assert "回去" in shown


def test_once_keeps_the_languages_apart() -> None:
    template = engines["django"].from_string(KEPT)
    chinese = template.render({})
    with translation.override("en"):
        english = template.render({})
    assert "首页" in chinese
    assert "Home" in english
    assert template.render({}) == chinese


def test_once_is_the_same_the_next_time() -> None:
    template = engines["django"].from_string(KEPT)
    assert template.render({}) is not None
    assert template.render({"wide": False}) == template.render({})


@pytest.mark.parametrize(
    "inside",
    [
        "{{ name }}",
        "{% csrf_token %}",
        "{% if name %}x{% endif %}",
        '{% t "您好，{n}" "Hello, {n}" n=name %}',
        '{% t "您好" "Hello" as hello %}',
        "{% url name %}",
        "{% url 'cases:case' number %}",
        "{% url 'web:home' as home %}",
        "{% load static %}{% static name %}",
        "{% badge name %}",
        '{% card "甲" "A" %}{{ name }}{% endcard %}',
        '{% column "期限" "Deadline" sort="due" %}',
        '{% include "web/_words.html" %}',
    ],
)
def test_once_refuses_what_may_differ(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="may differ"):
        engines["django"].from_string(f"{{% once %}}{inside}{{% endonce %}}")

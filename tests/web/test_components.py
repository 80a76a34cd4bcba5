"""Components refuse what they do not know, when the template compiles."""

import pytest
from django.template import Library, TemplateSyntaxError, engines

from lianxin.web.templatetags import figures, forms, ui
from tests.web.conftest import Draw

LIBRARIES = [ui.register, forms.register, figures.register]
TAGS = sorted((name, library) for library in LIBRARIES for name in library.tags)


def _call(name: str, attribute: str) -> str:
    block = {
        "card",
        "heading",
        "timeline",
        "entry",
        "empty",
        "alert",
        "facts",
        "fact",
        "tabs",
        "steps",
        "confirm",
    }
    block |= {"registertable", "listitem", "form"}
    return f"{{% {name} {attribute} %}}" + (f"{{% end{name} %}}" if name in block else "")


@pytest.mark.parametrize(("name", "library"), TAGS, ids=[name for name, _ in TAGS])
def test_component_refuses_an_unknown_attribute(name: str, library: Library) -> None:
    with pytest.raises(TemplateSyntaxError, match="colour"):
        engines["django"].from_string(_call(name, 'colour="red"'))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('{% button "提交" %}', "one language"),
        ('{% card "标题" tone="red" %}{% endcard %}', "one language"),
        ('{% button "提交" "Send" kind="loud" %}', "no kind"),
        ('{% badge "甲" "A" tone="pink" %}', "no tone"),
        ('{% icon "unicorn" %}', "icons.py"),
        ('{% button "提交" "Send" icon="unicorn" %}', "icons.py"),
        ('{% step "提交" "Submitted" state="later" %}', "no state"),
    ],
)
def test_component_refuses_what_is_not_a_choice(source: str, complaint: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=complaint):
        engines["django"].from_string(source)


def test_component_shows_data_without_a_second_language(draw: Draw) -> None:
    assert "&lt;甲&gt;" in draw("{% badge word %}", word="<甲>")

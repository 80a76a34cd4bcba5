"""What the asking components show."""

import re

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from lianxin.web.gallery import SampleForm
from tests.web.conftest import Draw


def test_field_ties_help_and_fault_to_its_input(draw: Draw) -> None:
    shown = draw("{% field form.place %}", form=SampleForm({}))
    assert 'aria-describedby="id_place_helptext id_place_error"' in shown
    assert 'id="id_place_helptext"' in shown
    assert 'id="id_place_error"' in shown
    assert 'aria-invalid="true"' in shown


def test_field_speaks_the_readers_language(draw: Draw) -> None:
    with translation.override("en"):
        shown = draw("{% field form.place %}", form=SampleForm({}))
    assert "Where" in shown
    assert "This field is required." in shown


def test_field_marks_what_may_be_left_out(draw: Draw) -> None:
    assert "选填" in draw("{% field form.what %}", form=SampleForm())
    assert "选填" not in draw("{% field form.place %}", form=SampleForm())


@pytest.mark.parametrize("name", list(SampleForm.base_fields))
def test_field_draws_every_shape_once(draw: Draw, name: str) -> None:
    shown = draw("{% field form." + name + " %}", form=SampleForm())
    assert str(SampleForm.base_fields[name].label) in shown
    assert re.search(r"<(input|select|textarea)\b", shown)


def test_form_errors_lead_to_their_fields(draw: Draw) -> None:
    shown = draw("{% form_errors form %}", form=SampleForm({}))
    assert 'href="#id_place"' in shown
    assert draw("{% form_errors form %}", form=SampleForm()) == ""


def test_upload_accepts_its_kind(draw: Draw) -> None:
    shown = draw('{% upload form.photos kind="photo" camera=True %}', form=SampleForm())
    assert 'accept="image/*"' in shown
    assert 'capture="environment"' in shown


def test_form_keeps_the_token_of_a_report_sent_before() -> None:
    sent = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    template = engines["django"].from_string('{% form "/x/" draft="hazard" %}{% endform %}')
    again = template.render({}, RequestFactory().post("/x/", {"client_token": sent}))
    assert f'name="client_token" value="{sent}"' in again
    assert sent not in template.render({}, RequestFactory().get("/x/"))


def test_form_makes_a_new_token_of_one_that_is_none() -> None:
    template = engines["django"].from_string('{% form "/x/" draft="hazard" %}{% endform %}')
    shown = template.render({}, RequestFactory().post("/x/", {"client_token": "<script>"}))
    assert re.search(r'name="client_token" value="[0-9a-f-]{36}"', shown)

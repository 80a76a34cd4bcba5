"""What a sender sends: places named in three ways, faults by field, files that are none."""

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit, take_step
from lianxin.kernel.cases.models import Attachment, Case
from lianxin.kernel.orgs.services import create_site
from lianxin.kernel.people.actors import NOBODY, SYSTEM
from lianxin.kernel.refusals import Invalid, NotAllowed, Refused
from tests.example_app.workflow import S, workflow
from tests.kernel.cases.conftest import NOON, Town


def photo(name: str = "found.jpg") -> SimpleUploadedFile:
    """A real picture."""
    sink = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(sink, "JPEG")
    return SimpleUploadedFile(name, sink.getvalue())


def send(town: Town, uploads: dict[str, Any] | None = None, **data: Any) -> Case:
    """Send the form as the finder."""
    filled = {"what": "雨伞", "organization": town.market.pk} | data
    return submit(workflow, actor=town.finder, at=NOON, data=filled, uploads=uploads or {}).case


def test_submit_by_organization(town: Town) -> None:
    case = send(town, uploads={"found": [photo()]})
    assert (case.organization, case.site, case.title) == (town.market, None, "雨伞")
    with scope.use(scope.EVERYTHING):
        assert Attachment.objects.get(case=case).kind == "photo"


def test_submit_by_qr_code_fills_place_and_organization(town: Town) -> None:
    hall = create_site("候工大厅", organization=town.market, actor=SYSTEM, at=NOON)
    case = send(town, organization="", place=hall.token)
    assert (case.organization, case.site) == (town.market, hall)


def test_submit_by_site_in_the_tree(town: Town) -> None:
    hall = create_site("候工大厅", organization=town.market, actor=SYSTEM, at=NOON)
    assert send(town, organization="", site=hall.pk).site == hall


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"organization": ""}, "organization"),
        ({"organization": 999_999_999}, "organization"),
        ({"organization": "", "place": "no-such-code"}, "place"),
        ({"what": ""}, "what"),
        ({"what": "长" * 10_000}, "what"),
        ({"mode": "invisible"}, "mode"),
        ({"client_token": "not-a-uuid"}, "client_token"),
    ],
)
def test_submit_refused_names_the_field_and_writes_nothing(
    town: Town, data: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        send(town, **data)
    assert field in refusal.value.faults
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_submit_refused_with_a_photo_that_is_none(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        send(town, uploads={"found": [SimpleUploadedFile("found.jpg", b"MZ this is a program")]})
    assert refusal.value.field == "found"
    with scope.use(scope.EVERYTHING):
        assert not Case.objects.exists()


def test_submit_twice_with_one_client_token_opens_one_case(town: Town) -> None:
    token = str(uuid.uuid4())
    assert send(town, client_token=token) == send(town, client_token=token)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; DROP TABLE cases_case; --", "=CMD()"])
def test_submit_keeps_text_as_text(town: Town, text: str) -> None:
    assert send(town, what=text).title == text


def test_submit_anonymously_without_signing_in(town: Town) -> None:
    data = {"what": "雨伞", "organization": town.market.pk, "mode": "anonymous"}
    opened = submit(workflow, actor=NOBODY, at=NOON, data=data, uploads={})
    assert opened.receipt is not None


def test_take_step_with_uploads(town: Town) -> None:
    case = send(town)
    case = take_step(case, "keep", actor=town.keeper, at=NOON, data={"shelf": "A-3"}, uploads={})
    case = take_step(
        case, "claim", actor=town.keeper, at=NOON, data={"proof_of_ownership": "伞柄刻字"}, uploads={}
    )
    case = take_step(case, "hand_over", actor=town.keeper, at=NOON, data={}, uploads={"handover": [photo()]})
    assert case.status == S.RETURNED


def test_take_step_refused_before_a_file_is_decoded(town: Town) -> None:
    bad = SimpleUploadedFile("x.jpg", b"no picture at all")
    with pytest.raises(NotAllowed):
        take_step(send(town), "keep", actor=town.stranger, at=NOON, data={}, uploads={"handover": [bad]})

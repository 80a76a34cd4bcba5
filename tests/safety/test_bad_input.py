"""What comes in wrong, at the page and over the API: the field is named, in both languages, and nothing is written."""

import html
import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image
from pytest_django.fixtures import Settings

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Act, Attachment, Case, Reporter
from lianxin.kernel.people.actors import Actor
from lianxin.safety.models import HazardReport
from tests.api.conftest import Call, call
from tests.kernel.files.samples import jpeg_photo, silent_film
from tests.safety.conftest import Cast, Walk, build_cast, fresh, race, report
from tests.web.casework.conftest import Browser, sign_in, signed

__all__ = ["call", "signed"]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HAZARD = "/kinds/hazard/cases"


def sent(cast: Cast, **changed: Any) -> dict[str, Any]:
    return {"hazards": "围堰缺少跨步梯", "site": cast.tank.pk, "mode": "named"} | changed


def on_page(cast: Cast, data: dict[str, Any]) -> dict[str, Any]:
    """The same, as the page's form sends it."""
    place = f"site:{data.pop('site')}" if "site" in data else f"organization:{data.pop('organization')}"
    return data | {"chosen_place": place}


def small_and_enormous() -> bytes:
    """Some kilobytes that unpack to 64 million pixels."""
    sink = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(sink, "PNG", optimize=True)
    assert len(sink.getvalue()) < 20_000
    return sink.getvalue()


def nothing_written() -> bool:
    with scope.use(scope.EVERYTHING):
        tables = (Case, Act, Reporter, Attachment, HazardReport)
        return not any(model.objects.exists() for model in tables)


def told_in_both(problem: dict[str, Any], field: str) -> bool:
    """Whether an answer of the API names the field, in Chinese and in English."""
    sentences = problem["faults"][field] if problem.get("faults") else [problem["message"]]
    named = field in (problem.get("faults") or ()) or problem["field"] == field
    return named and all(
        CHINESE.search(told["zh"]) and told["en"] and not CHINESE.search(told["en"]) for told in sentences
    )


# --- Files -------------------------------------------------------------------------------------------------------

FILES: list[tuple[str, Callable[[], bytes], str]] = [
    ("no photo", lambda: b"MZ\x90\x00 this is a program", "wrong_kind"),
    ("a page", lambda: b"<html><script>alert(1)</script>", "wrong_kind"),
    ("a film", silent_film, "wrong_kind"),
    ("truncated", lambda: jpeg_photo()[:-900], "photo_truncated"),
    ("a bomb", small_and_enormous, "photo_bomb"),
    ("empty", lambda: b"", "file_empty"),
    ("too large", lambda: jpeg_photo() + b"0" * 60_000, "file_too_large"),
]


@pytest.fixture
def bounded(settings: Settings) -> None:
    settings.LIANXIN_FILE_LIMITS = {"photo_bytes": 60_000, "voice_bytes": 60_000, "document_bytes": 60_000}


@pytest.mark.parametrize(("content", "code"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_photo_that_is_none_is_refused_by_page_and_api(
    cast: Cast, bounded: None, call: Call, signed: Browser, content: Callable[[], bytes], code: str
) -> None:
    written = content()

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("photo.jpg", written, content_type="image/jpeg")

    told = call(cast.worker, "post", HAZARD, sent(cast, photo=file()), form=True)
    assert (told.status_code, told.json()["code"], told.json()["field"]) == (422, code, "photo")
    assert told_in_both(told.json(), "photo")
    browser = signed(cast.worker)
    for language, sentence in told.json()["message"].items():
        browser.cookies["django_language"] = {"zh": "zh-hans", "en": "en"}[language]
        page = browser.post("/safety/report/", on_page(cast, sent(cast, photo=file())))
        assert page.status_code == 422
        body = html.unescape(page.content.decode())
        upload = (
            body.split('name="photo"')[0].rsplit("lx-upload", 1)[-1] + body.split('name="photo"')[1][:900]
        )
        assert (sentence in upload, "围堰缺少跨步梯" in body) == (True, True)
    assert nothing_written()


# --- Words and places --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"hazards": "长" * 10_000}, "hazards"),
        ({"hazards": [f"第{n}处" for n in range(21)]}, "hazards"),
        ({"hazards": ""}, "hazards"),
        ({"hazards": "  \n "}, "hazards"),
        ({"place_text": "长" * 10_000}, "place_text"),
        ({"site": 999_999_999}, "site"),
        ({"site": "罐"}, "site"),
        ({"site": "9" * 19}, "site"),
        ({"site": "9" * 5_000}, "site"),
        ({"mode": "loud"}, "mode"),
        ({"client_token": "17"}, "client_token"),
        ({"co_authors": ["Nobody Here"]}, "co_authors"),
        ({"shares": "一半"}, "shares"),
    ],
)
def test_words_that_cannot_be_are_refused_by_page_and_api(
    cast: Cast, call: Call, signed: Browser, changed: dict[str, Any], field: str
) -> None:
    told = call(cast.worker, "post", HAZARD, sent(cast, **changed))
    assert told.status_code == 422
    assert told_in_both(told.json(), field)
    page = signed(cast.worker).post("/safety/report/", on_page(cast, sent(cast, **changed)))
    assert page.status_code == 422
    problem = told.json()
    sentence = problem["faults"][field][0]["zh"] if problem["faults"] else problem["message"]["zh"]
    assert sentence in html.unescape(page.content.decode())
    assert nothing_written()


@pytest.mark.parametrize("organization", [999_999_999, "某厂", ""])
def test_unknown_organization_is_refused_by_page_and_api(
    cast: Cast, call: Call, signed: Browser, organization: object
) -> None:
    data = {"hazards": "围堰缺少跨步梯", "mode": "named", "organization": organization}
    told = call(cast.worker, "post", HAZARD, data)
    assert told.status_code == 422
    assert told_in_both(told.json(), "organization")
    page = signed(cast.worker).post("/safety/report/", on_page(cast, dict(data)))
    assert (page.status_code, nothing_written()) == (422, True)


def test_what_was_refused_comes_in_once_it_is_mended(cast: Cast, call: Call, signed: Browser) -> None:
    assert call(cast.worker, "post", HAZARD, sent(cast)).status_code == 201
    photo = SimpleUploadedFile("photo.jpg", jpeg_photo(), content_type="image/jpeg")
    assert (
        signed(cast.worker).post("/safety/report/", on_page(cast, sent(cast, photo=photo))).status_code == 303
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'; DROP TABLE cases_case; --",
        "{{ 7|add:1 }}",
    ],
)
def test_text_stays_text_on_every_page(cast: Cast, call: Call, signed: Browser, text: str) -> None:
    number = call(cast.worker, "post", HAZARD, sent(cast, hazards=text, place_text=text)).json()["case"][
        "number"
    ]
    told = call(cast.worker, "get", f"/cases/{number}").json()
    assert told["history"][0]["said"]["hazards"] == [text]
    for who, path in (
        (cast.worker, "/mine/"),
        (cast.county_officer, "/queue/"),
        (cast.worker, f"/case/{number}/"),
    ):
        page = signed(who).get(path).content.decode()
        assert number in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    with scope.use(scope.EVERYTHING):
        assert Case.objects.get().title == text


# --- Steps -------------------------------------------------------------------------------------------------------


def step(cast: Cast, case: Case, name: str) -> str:
    return f"/case/{case.number}/{name}/"


SEEN = {"seen": "已看", "on_site": "photo"}


def with_files(data: dict[str, Any]) -> dict[str, Any]:
    """New uploads for each sending: one is read to its end."""
    return {
        name: SimpleUploadedFile("p.jpg", jpeg_photo(), content_type="image/jpeg")
        if value == "photo"
        else value
        for name, value in data.items()
    }


@pytest.mark.parametrize(
    ("until", "who", "name", "data", "status", "code"),
    [
        ("accept", "county_officer", "accept", {}, 409, "out_of_turn"),
        ("accept", "expert", "verify", SEEN, 409, "out_of_turn"),
        ("accept", "county_officer", "grade", {}, 403, "wrong_role"),
        ("order", "manager", "rectify", {"done": "已加装", "before": "photo"}, 422, "evidence_missing"),
        ("order", "manager", "rectify", {"done": "已加装", "after": "photo"}, 422, "evidence_missing"),
        ("order", "manager", "rectify", {"before": "photo", "after": "photo"}, 422, "invalid"),
        ("rectify", "manager", "verify", SEEN, 403, "wrong_role"),
        ("rectify", "expert", "verify", {"seen": "已看"}, 422, "evidence_missing"),
    ],
)
def test_step_that_may_not_be_is_refused_by_page_and_api(
    cast: Cast,
    call: Call,
    signed: Browser,
    until: str,
    who: str,
    name: str,
    data: dict[str, Any],
    status: int,
    code: str,
) -> None:
    case = report(cast, at=clock.now()).case
    walk = Walk(cast, case)
    walk.to(until)
    before = fresh(case)
    actor: Actor = getattr(cast, who)
    told = call(actor, "post", f"/cases/{case.number}/steps/{name}", with_files(data), form=True)
    assert (told.status_code, told.json()["code"]) == (status, code)
    message = told.json()["message"]
    assert CHINESE.search(message["zh"])
    assert message["en"]
    page = signed(actor).post(step(cast, case, name), with_files(data))
    assert page.status_code == status
    after = fresh(case)
    assert (after.status, after.entered_at) == (before.status, before.entered_at)
    with scope.use(scope.EVERYTHING):
        assert Act.objects.filter(case=case, step=name).count() == (1 if name == until else 0)


def test_verification_by_whoever_did_the_work_is_refused_by_page_and_api(
    cast: Cast, call: Call, signed: Browser
) -> None:
    case = report(cast, at=clock.now()).case
    walk = Walk(cast, case)
    walk.to("order")
    with scope.act():
        role = cast.expert.roles[0]
        role.pk, role.person_id = None, cast.manager.person.pk if cast.manager.person else 0
        role.save(force_insert=True)
    both = Actor(cast.manager.kind, person=cast.manager.person, roles=(*cast.manager.roles, role))
    walk.take("rectify", actor=both)
    told = call(both, "post", f"/cases/{case.number}/steps/verify", with_files(SEEN), form=True)
    assert (told.status_code, told.json()["code"]) == (403, "same_person")
    assert signed(both).post(step(cast, case, "verify"), with_files(SEEN)).status_code == 403
    assert fresh(case).status == "verifying"
    told = call(cast.second_expert, "post", f"/cases/{case.number}/steps/verify", with_files(SEEN), form=True)
    assert told.status_code == 200


# --- Twice at once -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_client_token_from_two_threads_opens_one_case_by_page_and_api(call: Call) -> None:
    cast = build_cast()
    data = sent(cast, client_token=str(uuid.uuid4()))
    browser = sign_in(Client(), cast.worker)
    answers: list[int] = []

    def by_api() -> None:
        answers.append(call(cast.worker, "post", HAZARD, data).status_code)

    def by_page() -> None:
        answers.append(browser.post("/safety/report/", on_page(cast, dict(data))).status_code)

    assert race([by_api, by_page, by_api]) == ["done"] * 3
    assert set(answers) <= {200, 201, 303}
    with scope.use(scope.EVERYTHING):
        assert Case.objects.count() == Act.objects.count() == HazardReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_step_by_two_at_once_tells_the_second_who_was_first(call: Call) -> None:
    cast = build_cast()
    case = report(cast, at=clock.now()).case
    browser = sign_in(Client(), cast.city_officer)
    answers: list[tuple[str, int]] = []

    def by_api() -> None:
        told = call(cast.county_officer, "post", f"/cases/{case.number}/steps/accept", {})
        answers.append(("api", told.status_code))

    def by_page() -> None:
        answers.append(("page", browser.post(step(cast, case, "accept"), {}).status_code))

    assert race([by_api, by_page]) == ["done"] * 2
    assert sorted(answers) in [[("api", 200), ("page", 409)], [("api", 409), ("page", 303)]]
    with scope.use(scope.EVERYTHING):
        assert Act.objects.filter(case=case, step="accept").count() == 1


def test_faults_are_told_in_the_reader_s_language_too(cast: Cast, signed: Browser) -> None:
    browser = signed(cast.worker)
    for language, words in (("zh-hans", "每处最多"), ("en", "At most 4000 characters each.")):
        with translation.override(language):
            browser.cookies["django_language"] = language
            page = browser.post("/safety/report/", on_page(cast, sent(cast, hazards="长" * 10_000)))
        assert words in page.content.decode()

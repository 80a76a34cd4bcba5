"""What holds for every page: who may come unasked, no raw tags, and lists that cost the same however long they are."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver

from lianxin.kernel import clock, scope
from lianxin.kernel.cases import intake
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.notices.services import tell_person
from lianxin.kernel.orgs.services import create_enterprise, create_site
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.models import Role
from lianxin.kernel.people.roles import ADMINISTRATOR
from lianxin.kernel.people.tokens import create_token
from lianxin.kernel.text import Text
from lianxin.safety.services.procedures import publish_procedure
from tests.keeping import kept
from tests.safety.conftest import NOON, Cast, build_cast, cast, holder, make_person, report
from tests.web.casework.conftest import Browser, sign_in, signed

__all__ = ["cast", "signed"]

# What anybody may open: the shell, sign-in, reports, receipts, figures, the log, and what a label leads to.
PUBLIC = {
    "web:home",
    "web:manifest",
    "web:service_worker",
    "web:offline",
    "cases:receipt",
    "cases:sent",
    "cases:places",
    "safety:report",
    "safety:suggest",
    "orgs:scan",
    "metrics:figures",
    "metrics:figure",
    "metrics:export",
    "audit:verify",
    "joining:ask",
    "joining:code",
}
SAMPLES = {"str": "H26-000001-X", "slug": "nothing", "int": "1", "path": "x"}
REFUSED = {302, 303, 401, 403, 404, 405}


def addresses(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    """Every address of our own with a sample for each part, and its name; the API tells its own story."""
    for pattern in (resolver or get_resolver("lianxin.urls")).url_patterns:
        own = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern, prefix + own, inner)
        elif not prefix.startswith(("api/", "account/")):
            yield f"{space}{pattern.name}", "/" + _sample(prefix + own)


def _sample(pattern: str) -> str:
    if pattern.startswith("^"):
        return re.sub(r"\(\?P<\w+>[^)]*\)", "gone", pattern.strip("^$")).replace("/?", "")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found.group(1) or "str"], pattern)


ADDRESSES = sorted(set(addresses()))


def test_there_are_addresses_to_try() -> None:
    assert len(ADDRESSES) > 60
    assert {name for name, _ in ADDRESSES} >= PUBLIC


@pytest.mark.parametrize(("name", "path"), ADDRESSES, ids=[name for name, _ in ADDRESSES])
def test_address_is_closed_to_anybody_unless_it_is_public(
    db: None, client: Client, name: str, path: str
) -> None:
    answer = client.get(path)
    if name not in PUBLIC:
        assert answer.status_code in REFUSED
    if answer.status_code == 302 and name not in PUBLIC:
        assert answer["Location"].startswith("/account/login/")
    assert answer.status_code < 500


PAGES = [
    path
    for name, path in ADDRESSES
    if "000001" not in path and "/1/" not in path and name != "web:service_worker"
]
RAW = re.compile(r"\{%|\{\{|%\}|\}\}|\{#")


@kept
def build_everybody() -> list[str]:
    """The sessions of a worker, an officer, an expert, a manager and an administrator, where something happened."""
    cast = build_cast()
    report(cast, "围堰缺少跨步梯")
    admin = holder("管理", (ADMINISTRATOR, cast.city))
    everybody = (cast.worker, cast.safety_officer, cast.expert, cast.manager, admin)
    return [sign_in(Client(), who).cookies[settings.SESSION_COOKIE_NAME].value for who in everybody]


@pytest.fixture
def everybody(db: None) -> list[Client]:
    """A browser for each of them."""
    browsers = []
    for session in build_everybody():
        browsers.append(Client())
        browsers[-1].cookies[settings.SESSION_COOKIE_NAME] = session
    return browsers


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_holds_no_raw_tag(everybody: list[Client], path: str, language: str) -> None:
    for browser in everybody:
        browser.cookies["django_language"] = language
        answer = browser.get(path)
        assert answer.status_code < 500
        if "text/html" in answer.get("Content-Type", ""):
            body = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
            assert RAW.findall(body) == []


ASKED = (
    *(
        "after",
        "before",
        "chosen_place",
        "fund",
        "kind",
        "line",
        "number",
        "organization",
        "page",
        "person",
        "place",
    ),
    *(
        "place_search",
        "q",
        "side",
        "since",
        "site",
        "size",
        "tab",
        "text",
        "until",
        "version",
        "what",
        "with",
        "year",
    ),
)


@pytest.mark.parametrize("path", PAGES)
def test_page_asked_for_what_is_no_key_answers_all_the_same(everybody: list[Client], path: str) -> None:
    for nonsense in ("²", "9" * 5_000, "\0"):
        for browser in everybody:
            assert browser.get(path, dict.fromkeys(ASKED, nonsense)).status_code < 500


def test_english_pages_hold_no_chinese_of_ours(everybody: list[Client]) -> None:
    """Names of places and people stay Chinese; the shell's own words do not."""
    for path in ("/figures/", "/verify/", "/receipt/", "/me/keys/"):
        browser = everybody[0]
        browser.cookies["django_language"] = "en"
        text = re.sub(
            r"<template.*?</template>|<[^>]*>", "", browser.get(path).content.decode(), flags=re.DOTALL
        )
        assert re.findall(r"[\u4e00-\u9fff]+", text.replace("中文", "")) == []


# --- Lists cost the same however long they are ------------------------------------------------------------------------

Fill = Callable[[Cast, int], None]


def _reports(cast: Cast, count: int) -> None:
    for _ in range(count):
        report(cast, "围堰缺少跨步梯")


def _messages(cast: Cast, count: int) -> None:
    assert cast.worker.person is not None
    for number in range(count):
        case = report(cast, f"第{number}处").case if number < 3 else None
        tell_person(cast.worker.person, text=Text("好", "well"), at=NOON, case=case)


def _sites(cast: Cast, count: int) -> None:
    for _ in range(count):
        create_site(f"罐{uuid.uuid4()}", organization=cast.plant, actor=SYSTEM, at=NOON)


def _enterprises(cast: Cast, count: int) -> None:
    for _ in range(count):
        create_enterprise(f"厂{uuid.uuid4()}", parent=cast.county, actor=SYSTEM, at=NOON)


def _keys(cast: Cast, count: int) -> None:
    for _ in range(count):
        create_token("x", person=cast.worker.person, scopes=["cases:read"], actor=cast.worker, at=clock.now())


def _procedures(cast: Cast, count: int) -> None:
    for _ in range(count):
        publish_procedure(
            cast.plant,
            title=f"规程{uuid.uuid4()}",
            clauses=[("1", "戴安全帽")],
            effective_on=date(2026, 1, 1),
            actor=cast.manager,
            at=NOON,
            readers=[cast.worker.person] if cast.worker.person else [],
        )


def _offices(cast: Cast, count: int) -> None:
    with scope.act():
        for _ in range(count):
            Role.objects.create(
                person=make_person("某人"),
                kind="union_officer",
                organization=cast.county,
                scope_path=cast.county.jurisdiction_path,
                granted_at=NOON,
            )


def _sweeps(cast: Cast, count: int) -> None:
    data: dict[str, Any] = {
        "what": "围堰",
        "organization": cast.city.pk,
        "equipment_kind": "tank",
        "due_on": "2030-01-01",
    }
    for _ in range(count):
        intake.submit(workflow_for("sweep"), actor=cast.safety_officer, at=clock.now(), data=data, uploads={})


LISTS: list[tuple[str, Callable[[Cast], Actor], Fill, str]] = [
    ("/queue/", lambda cast: cast.county_officer, _reports, "围堰"),
    (
        "/queue/?what=hazard.submitted&q=围堰",
        lambda cast: cast.county_officer,
        _reports,
        "围堰缺少跨步梯</a>",
    ),
    ("/mine/", lambda cast: cast.worker, _reports, "围堰"),
    ("/inbox/", lambda cast: cast.worker, _messages, "lx-unread"),
    ("/places/?body={plant}", lambda cast: cast.county_officer, _sites, "罐"),
    ("/places/?body={county}", lambda cast: cast.county_officer, _enterprises, "厂"),
    ("/places/?q=罐", lambda cast: cast.county_officer, _sites, "罐"),
    ("/me/keys/", lambda cast: cast.worker, _keys, "lx_"),
    ("/safety/procedures/", lambda cast: cast.worker, _procedures, "规程"),
    ("/safety/sweeps/", lambda cast: cast.safety_officer, _sweeps, "0 / 2"),
    ("/offices/roles/", lambda cast: holder("管理", (ADMINISTRATOR, cast.city)), _offices, "某人"),
]


def statements(client: Client, path: str) -> int:
    """How many statements a page takes, the session's own included."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("path", "who", "fill", "sign"), LISTS, ids=[path for path, *_ in LISTS])
def test_list_costs_the_same_with_one_row_and_with_thirty(
    cast: Cast, signed: Browser, path: str, who: Callable[[Cast], Actor], fill: Fill, sign: str
) -> None:
    path = path.format(plant=cast.plant.pk, county=cast.county.pk)
    client = signed(who(cast))
    fill(cast, 1)
    assert client.get(path).content.decode().count(sign) >= 1
    first = statements(client, path)
    fill(cast, 29)
    assert client.get(path).content.decode().count(sign) >= 25
    assert statements(client, path) == first

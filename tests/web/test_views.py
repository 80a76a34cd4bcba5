"""The shell's own pages."""

import json

import pytest
from django.conf import settings
from django.test import Client

from lianxin.web.reader import LARGE_PRINT_COOKIE

pytestmark = pytest.mark.django_db
PAGES = ["/", "/offline/", "/gallery/", "/gallery/?faulty", "/account/login/"]


@pytest.fixture(autouse=True)
def _demo(settings: pytest.FixtureRequest) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_holds_no_unprocessed_tag(client: Client, path: str, language: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(path)
    assert page.status_code == 200
    assert not any(mark in page.text for mark in ("{%", "{{", "%}", "}}", "&lt;svg"))


def test_home_is_chinese_whatever_the_browser_prefers(client: Client) -> None:
    page = client.get("/", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hans"' in page.text


def test_language_is_kept_and_leads_back(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/gallery/"})
    assert (answer.status_code, answer["Location"]) == (303, "/gallery/")
    assert '<html lang="en"' in client.get("/").text


def test_language_unknown_changes_nothing(client: Client) -> None:
    client.post("/language/", {"language": "tlh"})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_language_never_leads_to_another_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_print_size_grows_and_shrinks(client: Client) -> None:
    client.post("/print-size/", {"large": "1"})
    assert 'class="lx-large"' in client.get("/").text
    client.post("/print-size/", {"large": "0"})
    assert client.cookies[LARGE_PRINT_COOKIE].value == "0"
    assert 'class="lx-large"' not in client.get("/").text


def test_manifest_describes_the_site(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    assert json.loads(answer.content)["name"] == "连心"


def test_service_worker_stands_at_the_root_and_is_never_stale(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"] == "text/javascript"
    assert answer["Cache-Control"] == "no-cache"


def test_gallery_is_closed_where_people_work(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    settings.DEBUG = False  # type: ignore[attr-defined]
    assert client.get("/gallery/").status_code == 404


def test_page_forbids_inline_script_and_style(client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy

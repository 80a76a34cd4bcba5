"""The demonstration's cast, and that it exists nowhere else."""

import json
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from pytest_django import Settings

from lianxin.kernel.people.services import create_account
from lianxin.web import demo
from tests.cast import AT, Cast, cast

__all__ = ["cast"]
PASSWORD = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PLAYER = {
    "label_zh": "区干部",
    "label_en": "county officer",
    "role_zh": "工会干部",
    "role_en": "union officer",
    "username": "county",
    "password": PASSWORD,
    "totp_secret": SECRET,
}


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Path:
    """A demonstration with one player in its home."""
    settings.DEMO, settings.HOME = True, tmp_path
    (tmp_path / demo.FILE).write_text(json.dumps([PLAYER]), encoding="utf-8")
    return tmp_path


def test_cast_is_shown_with_present_codes(home: Path, client: Client, db: None) -> None:
    page = client.get("/demo/")
    assert page["Cache-Control"] == "no-store"
    text = page.content.decode()
    assert "区干部" in text
    assert PASSWORD in text
    assert SECRET not in text


def test_cast_is_not_there_outside_a_demonstration(
    home: Path, settings: Settings, client: Client, db: None
) -> None:
    settings.DEMO = False
    assert client.get("/demo/").status_code == 404


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '{"a": 1}', '[{"label_zh": "x"}]'])
def test_cast_bears_a_missing_or_damaged_file(
    home: Path, client: Client, db: None, content: str | None
) -> None:
    (home / demo.FILE).unlink()
    if content is not None:
        (home / demo.FILE).write_text(content, encoding="utf-8")
    page = client.get("/demo/")
    assert page.status_code == 200
    assert "演示数据还没有准备好" in page.content.decode()


def test_code_is_that_of_the_standard() -> None:
    # RFC 6238, appendix B: the secret "12345678901234567890" at 59 seconds, cut to six digits.
    assert demo.code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59) == "287082"


def test_code_shown_lets_the_player_in(home: Path, client: Client, cast: Cast) -> None:
    assert cast.county_officer.person is not None
    account = create_account(
        cast.county_officer.person, username="county", password=PASSWORD, actor=cast.administrator, at=AT
    )
    TOTP.activate(account, SECRET)
    client.post("/account/login/", {"login": "county", "password": PASSWORD})
    code = client.get("/demo/").content.decode().split('<dd class="lx-hash"><strong>')[1].split("<")[0]
    answer = client.post("/account/2fa/authenticate/", {"code": code})
    assert answer.status_code == 302
    assert client.get("/queue/").status_code == 200

"""Keys of partner systems, from the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.people.models import Token
from tests.api.conftest import Call
from tests.kernel.cases.conftest import Town


def run(*words: str) -> str:
    out = StringIO()
    call_command("partner_token", *words, stdout=out)
    return out.getvalue()


def test_token_is_made_shown_once_used_and_revoked(town: Town, call: Call) -> None:
    words = (
        "create",
        "就业平台",
        f"--organization={town.city.pk}",
        "--scope=cases:open",
        "--scope=figures:read",
    )
    made = json.loads(run(*words, "--json"))
    headers = {"Authorization": f"Bearer {made['secret']}"}
    figures = "/figures?first=2026-01-01&last=2026-12-31"
    assert call(None, "get", figures, headers=headers).status_code == 200
    assert call(None, "get", "/queue", headers=headers).json()["code"] == "scope_missing"
    listed = run("list")
    assert ("就业平台" in listed, "cases:open,figures:read" in listed, made["secret"] in listed) == (
        True,
        True,
        False,
    )
    assert "is revoked" in run("revoke", str(made["token"]))
    assert call(None, "get", figures, headers=headers).json()["code"] == "token_invalid"
    assert "revoked" in run("list")
    deeds = LogEntry.objects.filter(stream=f"organization:{town.city.pk}", action__startswith="token.")
    assert [entry.action for entry in deeds.order_by("seq")] == ["token.create", "token.revoke"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("create", "x", "--organization=999999999", "--scope=cases:open"), "no active organization"),
        (("create", "x", "--organization={city}", "--scope=everything"), "invalid choice"),
        (("create", "x", "--organization={city}"), "--scope"),
        (("create", "x", "--organization={city}", "--scope=cases:open", "--days=0"), "at least one"),
        (("revoke", "999999999"), "no partner's token"),
        ((), "deed"),
    ],
)
def test_faulty_command_says_why_and_makes_nothing(town: Town, words: tuple[str, ...], fault: str) -> None:
    with pytest.raises(CommandError, match=fault):
        run(*(word.format(city=town.city.pk) for word in words))
    assert not Token.objects.exists()


def test_token_is_revoked_once(town: Town) -> None:
    made = json.loads(run("create", "x", f"--organization={town.city.pk}", "--scope=cases:open", "--json"))
    run("revoke", str(made["token"]))
    with pytest.raises(CommandError, match="revoked before"):
        run("revoke", str(made["token"]))

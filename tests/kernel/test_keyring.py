"""The ring: made once, added to safely, told apart from another."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lianxin.kernel import crypto, keyring
from lianxin.kernel.keyring import CannotOpen, UnknownKey


@pytest.fixture(autouse=True)
def ring_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("LIANXIN_HOME", str(tmp_path))
    monkeypatch.delenv("LIANXIN_KEY_RING", raising=False)
    monkeypatch.delenv("LIANXIN_KEY_RING_FILE", raising=False)
    return tmp_path / "keys" / "ring.json"


def test_ring_is_made_on_first_use_for_its_owner_alone(ring_file: Path) -> None:
    made = keyring.ring()
    assert keyring.ring() == made
    assert stat.S_IMODE(ring_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring_file.parent.stat().st_mode) == 0o700


def test_ring_does_not_show_its_secrets_in_a_message() -> None:
    ring = keyring.ring()
    assert ring.seal_key.secret.hex() not in repr(ring)
    assert repr(ring.seal_key.secret) not in repr(ring)


def test_processes_that_start_together_agree_on_one_ring(tmp_path: Path) -> None:
    script = "from lianxin.kernel import crypto; print(crypto.seal('x', purpose='p', aad='a').hex())"
    environment = os.environ | {"LIANXIN_HOME": str(tmp_path)}
    words = [sys.executable, "-c", script]
    running = [
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _number in range(6)
    ]
    sealed = [process.communicate()[0].strip() for process in running]
    assert [crypto.unseal(bytes.fromhex(one), purpose="p", aad="a") for one in sealed] == [b"x"] * 6


def test_ring_from_the_environment_is_used_and_cannot_be_rotated_here(
    ring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.ring()
    content = ring_file.read_text()
    sealed = crypto.seal("x", purpose="p", aad="a")
    ring_file.unlink()
    monkeypatch.setenv("LIANXIN_KEY_RING", content)
    assert crypto.unseal(sealed, purpose="p", aad="a") == b"x"
    with pytest.raises(CannotOpen, match="LIANXIN_KEY_RING"):
        keyring.add_seal_key()
    assert not ring_file.exists()


def test_ring_from_a_secret_file(tmp_path: Path, ring_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_KEY_RING_FILE", str(tmp_path / "secret" / "lianxin.json"))
    added = keyring.add_seal_key()
    assert keyring.ring().seal_key == added
    assert (tmp_path / "secret" / "lianxin.json").exists()
    assert not ring_file.exists()


def test_a_key_added_by_another_process_is_noticed(ring_file: Path) -> None:
    before = crypto.seal("x", purpose="p", aad="a")
    content = json.loads(ring_file.read_text())
    content["seal"].append(content["seal"][0] | {"id": "0a0b0c0d", "secret": "11" * 32})
    fresh = ring_file.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    fresh.replace(ring_file)
    after = crypto.seal("x", purpose="p", aad="a")
    assert after[1:5].hex() == "0a0b0c0d"
    assert crypto.unseal(before, purpose="p", aad="a") == crypto.unseal(after, purpose="p", aad="a") == b"x"


def test_another_homes_ring_is_named_as_such(ring_file: Path) -> None:
    sealed = crypto.seal("x", purpose="p", aad="a")
    ring_file.unlink()
    with pytest.raises(UnknownKey, match="bring back the ring"):
        crypto.unseal(sealed, purpose="p", aad="a")


def test_drop_old_keys_leaves_the_current_ones() -> None:
    old = crypto.seal("x", purpose="p", aad="a")
    keyring.add_seal_key()
    keyring.add_blind_key()
    current = crypto.seal("x", purpose="p", aad="a")
    link = crypto.reporter_key(7)
    assert keyring.drop_old_keys() == 2
    assert crypto.unseal(current, purpose="p", aad="a") == b"x"
    assert crypto.reporter_key(7) == link
    with pytest.raises(UnknownKey):
        crypto.unseal(old, purpose="p", aad="a")


def test_a_change_that_fails_leaves_the_ring_as_it_was(ring_file: Path) -> None:
    keyring.ring()
    before = ring_file.read_text()

    def change_and_fail() -> None:
        with keyring._changing() as content:
            content["seal"].clear()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert ring_file.read_text() == before


def test_custodians_keys_can_be_taken_away_one_by_one(ring_file: Path) -> None:
    sealed = crypto.seal_for_custodians("谁", aad="report:1")
    assert crypto.unseal_by_custodians(sealed, aad="report:1").decode() == "谁"
    for number in (1, 2):
        private = ring_file.with_name(f"custodian-{number}.private")
        away = private.read_text()
        private.unlink()
        with pytest.raises(UnknownKey, match=f"custodian {number}"):
            crypto.unseal_by_custodians(sealed, aad="report:1")
        more = crypto.seal_for_custodians("又一位", aad="report:2")
        private.write_text(away)
        assert crypto.unseal_by_custodians(more, aad="report:2").decode() == "又一位"


def test_kept_secret_is_made_once() -> None:
    assert keyring.kept_secret("one", lambda: "first") == "first"
    assert keyring.kept_secret("one", lambda: "second") == "first"

"""The shared key: made well, read only when it is one, and never shown."""

import base64
import hashlib
import hmac
import secrets
import stat
from pathlib import Path

import pytest

from lianxin.matching.encoding.keyfile import LENGTH, TITLE, Hash, Key, load_key, make_key
from lianxin.matching.problems import Problem


def key_file(path: Path, secret: bytes, *, kind: str = "sha256") -> Path:
    text = base64.urlsafe_b64encode(secret).decode()
    check = hashlib.sha256(f"{TITLE}|{kind}|{text}".encode()).hexdigest()[:8]
    path.write_text(f"{TITLE}\n{kind}\n{text}\n{check}\n", encoding="ascii")
    path.chmod(0o600)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(Problem) as refused:
        load_key(path)
    content = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    told = refused.value.spoken("zh") + refused.value.spoken("en")
    assert not any(word in told for word in content.split() if len(word) > 10)
    return refused.value.code


@pytest.mark.parametrize("kind", ["sha256", "sm3"])
def test_a_new_key_is_read_again_by_its_owner_alone(tmp_path: Path, kind: Hash) -> None:
    path = tmp_path / "shared.key"
    made = make_key(path, kind=kind)
    assert load_key(path) == made
    assert (len(made.secret), made.hash) == (LENGTH, kind)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_new_keys_differ(tmp_path: Path) -> None:
    one, other = make_key(tmp_path / "one"), make_key(tmp_path / "other")
    assert one.secret != other.secret
    assert one.fingerprint != other.fingerprint


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "shared.key"
    made = make_key(path)
    with pytest.raises(Problem) as refused:
        make_key(path)
    assert refused.value.code == "key_exists"
    assert load_key(path) == made


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        make_key(tmp_path / "nowhere" / "shared.key")
    assert refused.value.code == "target_closed"


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    made = make_key(tmp_path / "shared.key")
    shown = f"{made} {made!r}"
    assert repr(made.secret) not in shown
    assert made.secret.hex() not in shown
    assert base64.urlsafe_b64encode(made.secret).decode() not in shown
    assert made.fingerprint not in {made.secret.hex()[:16], hashlib.sha256(made.secret).hexdigest()[:16]}


def test_the_keyed_hash_is_hmac_apart_for_each_purpose() -> None:
    secret = bytes(range(32))
    expected = hmac.digest(secret, f"{TITLE}|number|abc".encode(), "sha256")
    assert Key(secret).mac("number", b"abc") == expected
    assert Key(secret).mac("phone", b"abc") != expected
    started = Key(secret).started("number").copy()
    started.update(b"abc")
    assert started.finalize() == expected


def test_sm3_is_used_where_asked() -> None:
    secret = bytes(range(32))
    blocks = [bytes(byte ^ pad for byte in secret.ljust(64, b"\0")) for pad in (0x36, 0x5C)]
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this OpenSSL has no SM3 to compare with")
    inner = hashlib.new("sm3", blocks[0] + f"{TITLE}|number|abc".encode()).digest()
    assert Key(secret, "sm3").mac("number", b"abc") == hashlib.new("sm3", blocks[1] + inner).digest()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = key_file(tmp_path / "shared.key", secrets.token_bytes(32))
    assert load_key(path).hash == "sha256"
    path.chmod(mode)
    assert refusal(path) == "key_open"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "correct horse battery staple",
        "编号,姓名\n1,张三\n",
        "\0\1\2",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n",
    ],
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "shared.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    assert refusal(path) == "key_unknown"


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.key") == "key_missing"
    assert refusal(tmp_path) == "key_missing"


def test_a_key_that_lost_a_part_or_was_changed_is_refused(tmp_path: Path) -> None:
    path = key_file(tmp_path / "shared.key", secrets.token_bytes(32))
    whole = path.read_text(encoding="ascii")
    for content in (
        whole[:-4],
        whole[:40],
        whole.replace("sha256", "sm3"),
        whole.replace("sha256", "md5"),
        whole + "more\n",
        whole[:30] + ("A" if whole[30] != "A" else "B") + whole[31:],
    ):
        path.write_text(content, encoding="ascii")
        assert refusal(path) == "key_damaged"
    path.write_text(whole.replace("\n", "\r\n"), encoding="ascii")
    assert load_key(path).hash == "sha256"


@pytest.mark.parametrize(
    "secret", [b"short", bytes(range(31)), b"\0" * 32, b"password" * 8, b"0123456789" * 4]
)
def test_a_short_or_simple_key_is_refused(tmp_path: Path, secret: bytes) -> None:
    assert refusal(key_file(tmp_path / "shared.key", secret)) == "key_weak"


def test_text_that_is_no_key_under_a_right_digest_is_refused(tmp_path: Path) -> None:
    text = "not*base64*at*all"
    check = hashlib.sha256(f"{TITLE}|sha256|{text}".encode()).hexdigest()[:8]
    path = tmp_path / "shared.key"
    path.write_text(f"{TITLE}\nsha256\n{text}\n{check}\n", encoding="ascii")
    path.chmod(0o600)
    assert refusal(path) == "key_damaged"

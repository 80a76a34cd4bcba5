"""What is sealed opens in its place and nowhere else, in both suites."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel import crypto
from lianxin.kernel.crypto import SUITES, CannotOpen, Tampered

SUITE_NAMES = tuple(SUITES)
TEXTS = st.binary(max_size=200)


@pytest.fixture(params=SUITE_NAMES)
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each suite in turn."""
    monkeypatch.setenv("LIANXIN_CRYPTO_SUITE", request.param)
    return str(request.param)


@pytest.mark.parametrize("name", SUITE_NAMES)
@given(text=TEXTS, purpose=st.text(max_size=10), aad=st.text(max_size=20))
def test_unseal_gives_back_what_was_sealed(name: str, text: bytes, purpose: str, aad: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANXIN_CRYPTO_SUITE", name)
        sealed = crypto.seal(text, purpose=purpose, aad=aad)
    assert crypto.unseal(sealed, purpose=purpose, aad=aad) == text


@pytest.mark.parametrize("name", SUITE_NAMES)
@given(text=TEXTS, data=st.data())
def test_a_changed_bit_does_not_open(name: str, text: bytes, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANXIN_CRYPTO_SUITE", name)
        sealed = bytearray(crypto.seal(text, purpose="p", aad="a"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotOpen):
        crypto.unseal(bytes(sealed), purpose="p", aad="a")


@given(st.binary(max_size=60))
def test_rubbish_does_not_open(rubbish: bytes) -> None:
    with pytest.raises(CannotOpen):
        crypto.unseal(rubbish, purpose="p", aad="a")
    with pytest.raises(CannotOpen):
        crypto.unseal_with(b"k" * 32, rubbish, aad="a")
    with pytest.raises(CannotOpen):
        crypto.unseal_by_custodians(rubbish, aad="a")


def test_a_value_cut_short_does_not_open(suite: str) -> None:
    sealed = crypto.seal("secret", purpose="p", aad="a")
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            crypto.unseal(sealed[:length], purpose="p", aad="a")


def test_another_purpose_or_place_does_not_open(suite: str) -> None:
    sealed = crypto.seal("secret", purpose="phone", aad="person:1")
    for purpose, aad in (("identity", "person:1"), ("phone", "person:2"), ("phon", "e\nperson:1")):
        with pytest.raises(Tampered):
            crypto.unseal(sealed, purpose=purpose, aad=aad)


def test_the_same_text_is_sealed_differently_each_time(suite: str) -> None:
    assert len({crypto.seal("secret", purpose="p", aad="a") for _time in range(50)}) == 50


def test_values_of_both_suites_stay_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = {}
    for name in SUITE_NAMES:
        monkeypatch.setenv("LIANXIN_CRYPTO_SUITE", name)
        sealed[name] = crypto.seal(name, purpose="p", aad="a")
    for name in SUITE_NAMES:
        monkeypatch.setenv("LIANXIN_CRYPTO_SUITE", name)
        assert [crypto.unseal(one, purpose="p", aad="a").decode() for one in sealed.values()] == list(
            SUITE_NAMES
        )
        assert [crypto.is_current(one) for one in sealed.values()] == [one == name for one in SUITE_NAMES]


def test_an_unknown_suite_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_CRYPTO_SUITE", "rot13")
    with pytest.raises(ValueError, match="rot13"):
        crypto.seal("x", purpose="p", aad="a")


def test_sm4_is_the_national_cipher() -> None:
    """The example of GB/T 32907-2016, appendix A: the library's SM4 is the one we mean."""
    text = bytes.fromhex("0123456789abcdeffedcba9876543210")
    work = Cipher(algorithms.SM4(text), modes.ECB()).encryptor()
    assert (work.update(text) + work.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_an_identity_number_takes_51_bytes(suite: str) -> None:
    assert len(crypto.seal("9" * 18, purpose="p", aad="a")) == 51


def test_a_data_key_seals_and_its_wrapping_moves_alone(suite: str) -> None:
    key = crypto.new_data_key()
    wrapped = crypto.wrap(key, aad="person:1")
    sealed = crypto.seal_with(key, "secret", aad="person:1:phone")
    again = crypto.rewrap(wrapped, aad="person:1")
    assert again != wrapped
    assert crypto.unseal_with(crypto.unwrap(again, aad="person:1"), sealed, aad="person:1:phone") == b"secret"
    with pytest.raises(Tampered):
        crypto.unwrap(wrapped, aad="person:2")
    with pytest.raises(Tampered):
        crypto.unseal_with(crypto.new_data_key(), sealed, aad="person:1:phone")
    with pytest.raises(Tampered):
        crypto.unseal_with(key, sealed, aad="person:1:identity")


def test_blind_finds_equals_and_tells_nothing_else(suite: str) -> None:
    one = crypto.blind("19900000001", purpose="phone")
    assert one == crypto.blind("19900000001", purpose="phone")
    assert crypto.blind_is_current(one)
    assert len(one) == 36
    assert one != crypto.blind("19900000002", purpose="phone")
    assert one[4:] != crypto.blind("19900000001", purpose="identity")[4:]
    assert one[4:] != hashlib.sha256(b"19900000001").digest()
    assert crypto.blinds("19900000001", purpose="phone") == [one]


def test_reporter_keys_are_lasting_and_distinct() -> None:
    keys = {crypto.reporter_key(number) for number in range(200)}
    assert len(keys) == 200
    assert all(len(key) == 64 and int(key, 16) >= 0 for key in keys)
    assert crypto.reporter_key(7) in keys


def test_subject_keys_of_two_chains_cannot_be_joined() -> None:
    assert crypto.subject_key(1, "person:7") == crypto.subject_key(1, "person:7")
    assert crypto.subject_key(1, "person:7") != crypto.subject_key(2, "person:7")
    assert crypto.subject_key(1, "1\nx") != crypto.subject_key(11, "x")
    assert crypto.subject_key(1, "7") != crypto.reporter_key(7)


def test_commitment_holds_to_its_text() -> None:
    assert crypto.commitment(b"salt", "a") == crypto.commitment(b"salt", "a")
    assert crypto.commitment(b"salt", "a") != crypto.commitment(b"salt", "b")
    assert crypto.commitment(b"salt", "a") != crypto.commitment(b"tlas", "a")


def test_custodians_open_what_was_sealed_for_them(suite: str) -> None:
    sealed = crypto.seal_for_custodians("谁", aad="report:1")
    assert crypto.unseal_by_custodians(sealed, aad="report:1").decode() == "谁"
    with pytest.raises(Tampered):
        crypto.unseal_by_custodians(sealed, aad="report:2")
    with pytest.raises(Tampered):
        crypto.unseal_by_custodians(sealed[:-1] + bytes([sealed[-1] ^ 1]), aad="report:1")

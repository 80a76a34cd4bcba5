"""Sealed fields, blind indexes and commitments, over a key ring that lives outside the database.

Two suites: ``aes`` (AES-256-GCM, HMAC-SHA256) and ``sm`` (SM4-GCM, HMAC-SM3), chosen by LIANXIN_CRYPTO_SUITE for
what is sealed from then on. A sealed value begins with its suite and the id of its key, so that values of both
suites and of every key still on the ring stay readable. The keys that work are derived from the ring's by HKDF, one
for each purpose (ADR 0008).
"""

import functools
import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lianxin.kernel import keyring
from lianxin.kernel.keyring import CannotOpen, Key, UnknownKey

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
# Suite, id of the key on the ring (nought: a data key, which the caller holds).
HEADER = struct.Struct(">B4s")
DATA_KEY_ID = bytes(4)
POINT_BYTES = 32


# What the database gives back for bytes.
Sealed = bytes | memoryview


class Tampered(CannotOpen):
    """The value, its key, its purpose or its associated data is not what it was sealed with."""

    def __init__(self) -> None:
        super().__init__("the sealed value does not open: it was changed, or belongs to another place")


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher with authentication and the hash that goes with it."""

    name: str
    number: int
    hash: type[hashes.HashAlgorithm]
    encrypt: Callable[[bytes, bytes, bytes, bytes], bytes]
    decrypt: Callable[[bytes, bytes, bytes, bytes], bytes]


def _aes_encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def _aes_decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, sealed, aad)


def _sm4_encrypt(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    work = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(aad)
    return work.update(plaintext) + work.finalize() + work.tag


def _sm4_decrypt(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    text, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    work = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(aad)
    return work.update(text) + work.finalize()


SUITES = {
    "aes": Suite("aes", 1, hashes.SHA256, _aes_encrypt, _aes_decrypt),
    "sm": Suite("sm", 2, hashes.SM3, _sm4_encrypt, _sm4_decrypt),
}
_by_number = {suite.number: suite for suite in SUITES.values()}


def suite_in_use() -> Suite:
    """The suite for new values; raises ``ValueError`` if LIANXIN_CRYPTO_SUITE names none."""
    name = os.environ.get("LIANXIN_CRYPTO_SUITE", "aes")
    if name not in SUITES:
        message = f"LIANXIN_CRYPTO_SUITE is {name!r}; it must be one of: {', '.join(SUITES)}"
        raise ValueError(message)
    return SUITES[name]


# --- Sealing under the ring --------------------------------------------------------------------------------


def seal(plaintext: bytes | str, *, purpose: str, aad: str) -> bytes:
    """Encrypt under the current key; ``aad`` names the one place where the value may be opened again."""
    key = keyring.ring().seal_key
    suite = suite_in_use()
    return _lock(suite, key.id, _subkey(key.secret, suite, purpose), plaintext, f"{purpose}\n{aad}")


def unseal(sealed: Sealed, *, purpose: str, aad: str) -> bytes:
    """Decrypt; raises ``Tampered``, or ``UnknownKey`` when the ring lacks the value's key."""
    suite, key_id = _header(sealed)
    key = keyring.ring().find(key_id)
    return _unlock(suite, _subkey(key.secret, suite, purpose), sealed, f"{purpose}\n{aad}")


def is_current(sealed: Sealed) -> bool:
    """Whether a value is sealed under the current key and suite; others wait for ``rotate-keys``."""
    return bytes(sealed)[: HEADER.size] == current_header()


def current_header() -> bytes:
    """The first bytes of everything that is sealed now."""
    return HEADER.pack(suite_in_use().number, keyring.ring().seal_key.id)


# --- Data keys: one for each person ------------------------------------------------------------------------


def new_data_key() -> bytes:
    """A key for one person's facts, 32 random bytes; only its wrapped form is ever stored."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(data_key: bytes, *, aad: str) -> bytes:
    """A data key sealed under the ring."""
    return seal(data_key, purpose="data-key", aad=aad)


def unwrap(wrapped: Sealed, *, aad: str) -> bytes:
    """The data key again; raises like :func:`unseal`."""
    return unseal(wrapped, purpose="data-key", aad=aad)


def rewrap(wrapped: Sealed, *, aad: str) -> bytes:
    """The same data key under the current key: what it sealed is not touched."""
    return wrap(unwrap(wrapped, aad=aad), aad=aad)


def seal_with(data_key: bytes, plaintext: bytes | str, *, aad: str) -> bytes:
    """Encrypt under a data key."""
    suite = suite_in_use()
    return _lock(suite, DATA_KEY_ID, _subkey(data_key, suite, "data"), plaintext, aad)


def unseal_with(data_key: bytes, sealed: Sealed, *, aad: str) -> bytes:
    """Decrypt what :func:`seal_with` made; raises ``Tampered``."""
    suite, _key_id = _header(sealed)
    return _unlock(suite, _subkey(data_key, suite, "data"), sealed, aad)


# --- Keyed hashes ------------------------------------------------------------------------------------------


def blind(value: str, *, purpose: str) -> bytes:
    """A keyed hash for equality search: the id of its key, then 32 bytes."""
    return _blind(keyring.ring().blind_keys[-1], value, purpose)


def blinds(value: str, *, purpose: str) -> list[bytes]:
    """The hash under every blind key on the ring: what to search for while a rotation is under way."""
    return [_blind(key, value, purpose) for key in keyring.ring().blind_keys]


def blind_is_current(blinded: Sealed) -> bool:
    """Whether a blind index was made with the current blind key."""
    return bytes(blinded)[:4] == keyring.ring().blind_keys[-1].id


def reporter_key(person_pk: int) -> str:
    """64 hex characters under which a person's confidential reports are found again.

    Never stored with the person: the database alone cannot join a report to who made it.
    """
    return _linked(f"{person_pk}", "reporter").hex()


def subject_key(chain_id: int, value: str) -> str:
    """64 hex characters that stand for a person or body within one chain of cases, and in no other."""
    return _linked(f"{chain_id}\n{value}", "duty").hex()


def commitment(salt: bytes, text: str) -> str:
    """A hex commitment to a text: checkable while the text and its salt are kept, empty of meaning after."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


# --- Two custodians ----------------------------------------------------------------------------------------


def seal_for_custodians(plaintext: bytes | str, *, aad: str) -> bytes:
    """Encrypt so that it opens only with the private keys of both custodians.

    Sealing needs their public keys alone, so the private ones can be kept away from this machine.
    """
    inner = _seal_to(keyring.custodian_public(1), plaintext, f"custodian:1\n{aad}")
    return _seal_to(keyring.custodian_public(2), inner, f"custodian:2\n{aad}")


def unseal_by_custodians(sealed: Sealed, *, aad: str) -> bytes:
    """Open with both private keys; raises ``UnknownKey`` when one is not at hand, ``Tampered`` when changed."""
    inner = _open_from(keyring.custodian_private(2), sealed, f"custodian:2\n{aad}")
    return _open_from(keyring.custodian_private(1), inner, f"custodian:1\n{aad}")


def _seal_to(public: bytes, plaintext: bytes | str, aad: str) -> bytes:
    once = X25519PrivateKey.generate()
    point = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public)) + point + public
    suite = suite_in_use()
    return point + _lock(suite, DATA_KEY_ID, _derive(shared, suite, "custodian"), plaintext, aad)


def _open_from(private: bytes, sealed: Sealed, aad: str) -> bytes:
    point, rest = bytes(sealed)[:POINT_BYTES], bytes(sealed)[POINT_BYTES:]
    suite, _key_id = _header(rest)
    key = X25519PrivateKey.from_private_bytes(private)
    try:
        secret = key.exchange(X25519PublicKey.from_public_bytes(point))
    except ValueError:
        raise Tampered from None
    shared = secret + point + key.public_key().public_bytes_raw()
    return _unlock(suite, _derive(shared, suite, "custodian"), rest, aad)


# --- Below -------------------------------------------------------------------------------------------------


def _lock(suite: Suite, key_id: bytes, key: bytes, plaintext: bytes | str, aad: str) -> bytes:
    header = HEADER.pack(suite.number, key_id)
    nonce = secrets.token_bytes(NONCE_BYTES)
    text = plaintext.encode() if isinstance(plaintext, str) else plaintext
    return header + nonce + suite.encrypt(key, nonce, text, header + aad.encode())


def _unlock(suite: Suite, key: bytes, sealed: Sealed, aad: str) -> bytes:
    sealed = bytes(sealed)
    header, nonce = sealed[: HEADER.size], sealed[HEADER.size : HEADER.size + NONCE_BYTES]
    text = sealed[HEADER.size + NONCE_BYTES :]
    if len(nonce) < NONCE_BYTES or len(text) < TAG_BYTES:
        raise Tampered
    try:
        return suite.decrypt(key, nonce, text, header + aad.encode())
    except InvalidTag:
        raise Tampered from None


def _header(sealed: Sealed) -> tuple[Suite, bytes]:
    try:
        number, key_id = HEADER.unpack_from(bytes(sealed))
        return _by_number[number], key_id
    except (struct.error, KeyError):
        raise Tampered from None


def _blind(key: Key, value: str, purpose: str) -> bytes:
    return key.id + _mac(key, value, f"blind:{purpose}")


def _linked(value: str, purpose: str) -> bytes:
    return _mac(keyring.ring().link_key, value, f"link:{purpose}")


def _mac(key: Key, value: str, purpose: str) -> bytes:
    suite = SUITES[key.suite]
    work = HMAC(_subkey(key.secret, suite, purpose), suite.hash())
    work.update(value.encode())
    return work.finalize()


# Data keys pass through here too: a small cache, so that few linger in memory.
@functools.lru_cache(maxsize=64)
def _subkey(secret: bytes, suite: Suite, purpose: str) -> bytes:
    return _derive(secret, suite, purpose)


def _derive(secret: bytes, suite: Suite, purpose: str) -> bytes:
    info = f"lianxin/1/{suite.name}/{purpose}".encode()
    return HKDF(algorithm=suite.hash(), length=KEY_BYTES, salt=None, info=info).derive(secret)


__all__ = [
    "CannotOpen",
    "Tampered",
    "UnknownKey",
    "blind",
    "blind_is_current",
    "blinds",
    "commitment",
    "current_header",
    "is_current",
    "new_data_key",
    "reporter_key",
    "rewrap",
    "seal",
    "seal_for_custodians",
    "seal_with",
    "subject_key",
    "unseal",
    "unseal_by_custodians",
    "unseal_with",
    "unwrap",
    "wrap",
]

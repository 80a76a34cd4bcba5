"""The key that signs checkpoints, and the list of public keys that this installation has ever signed with."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lianxin.kernel.keyring import kept_secret


def sign(text: bytes) -> tuple[bytes, bytes]:
    """The public key (32 bytes) and the signature (64 bytes) over a text."""
    key = _key()
    return key.public_key().public_bytes_raw(), key.sign(text)


def signed_by(public_key: bytes, signature: bytes | memoryview, text: bytes) -> bool:
    """Whether a signature over a text is this key's."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(bytes(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public_key: bytes) -> str:
    """The short name of a public key: 32 hex characters."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def own_public_key() -> bytes:
    """The public key that this installation signs with."""
    return _key().public_key().public_bytes_raw()


def _key() -> Ed25519PrivateKey:
    secret = kept_secret("checkpoint-key", lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))

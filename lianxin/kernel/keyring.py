"""The key ring: what it holds, where it lies, how it is made, added to and given up.

The ring is JSON in ``LIANXIN_HOME/keys/ring.json`` (mode 0600), in the file that LIANXIN_KEY_RING_FILE names, or in
the variable LIANXIN_KEY_RING itself. Only the first two can be rotated by command. The custodians' keys lie in files
of their own, so that two offices can hold them apart from it and from each other.
"""

import fcntl
import functools
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from lianxin.home import home


class CannotOpen(Exception):
    """A sealed value cannot be opened here."""


class UnknownKey(CannotOpen):
    """The key that a value was sealed with is not at hand."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes; the id is random, so that a foreign ring is told from a damaged value."""

    id: bytes
    suite: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys for sealing, for blind indexes (the last of each is the current one) and for lasting links."""

    seal_keys: tuple[Key, ...]
    blind_keys: tuple[Key, ...]
    link_key: Key

    @property
    def seal_key(self) -> Key:
        """The key for whatever is sealed now."""
        return self.seal_keys[-1]

    def find(self, key_id: bytes) -> Key:
        """The sealing key with this id; raises ``UnknownKey``."""
        for key in self.seal_keys:
            if key.id == key_id:
                return key
        message = (
            f"key {key_id.hex()} is not on the ring; bring back the ring that this database was used with"
        )
        raise UnknownKey(message)


def ring() -> Ring:
    """The ring as it is now, made on first use. A change by another process is noticed at the next call."""
    given = os.environ.get("LIANXIN_KEY_RING")
    if given:
        return _read(given)
    path = _path()
    try:
        found = os.stat(path)  # noqa: PTH116 - half of what a Path's own takes, for each sealed value
    except FileNotFoundError:
        _put_first(path, json.dumps(_fresh()))
        found = path.stat()
    return _load(path, found.st_mtime_ns, found.st_ino)


def add_seal_key() -> Key:
    """Put a new sealing key on the ring and make it current; older keys stay readable."""
    return _add("seal")


def add_blind_key() -> Key:
    """Put a new blind key on the ring, of the suite in use; the older ones are searched until dropped."""
    return _add("blind")


def drop_old_keys() -> int:
    """Take every key but the current ones off the ring; the number taken. Only after all is re-wrapped."""
    with _changing() as content:
        taken = sum(len(content[name]) - 1 for name in ("seal", "blind"))
        for name in ("seal", "blind"):
            content[name] = content[name][-1:]
    return taken


def custodian_public(number: int) -> bytes:
    """The public key of a custodian, 32 bytes; a fresh home makes a pair for each on first use."""
    path = _keys() / f"custodian-{number}.public"
    try:
        found = path.stat()
    except FileNotFoundError:
        _make_custodian(number)
        found = path.stat()
    return _load_public(path, found.st_mtime_ns, found.st_ino)


def custodian_private(number: int) -> bytes:
    """The private key of a custodian; raises ``UnknownKey`` while the custodian holds it elsewhere."""
    path = _keys() / f"custodian-{number}.private"
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        message = (
            f"the private key of custodian {number} is not at hand: put {path.name} into the keys folder"
        )
        raise UnknownKey(message) from None


def kept_secret(name: str, make: Callable[[], str]) -> str:
    """The secret text in the keys folder under this name, made on first use, the same for every process."""
    path = _keys() / name
    if not path.exists():
        _put_first(path, make())
    return path.read_text(encoding="ascii").strip()


def _make_custodian(number: int) -> None:
    # The private half decides which pair wins when two processes start together; the public one follows from it.
    private = kept_secret(
        f"custodian-{number}.private", lambda: X25519PrivateKey.generate().private_bytes_raw().hex()
    )
    public = X25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key().public_bytes_raw().hex()
    _put_first(_keys() / f"custodian-{number}.public", public)


@functools.lru_cache(maxsize=8)
def _load_public(path: Path, _changed: int, _inode: int) -> bytes:
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


@functools.lru_cache(maxsize=8)
def _load(path: Path, _changed: int, _inode: int) -> Ring:
    return _read(path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=8)
def _read(content: str) -> Ring:
    data: dict[str, Any] = json.loads(content)
    return Ring(
        seal_keys=tuple(_key(item) for item in data["seal"]),
        blind_keys=tuple(_key(item) for item in data["blind"]),
        link_key=_key(data["link"]),
    )


def _key(item: dict[str, str]) -> Key:
    return Key(id=bytes.fromhex(item["id"]), suite=item["suite"], secret=bytes.fromhex(item["secret"]))


def _fresh() -> dict[str, Any]:
    return {"version": 1, "seal": [_new_key()], "blind": [_new_key()], "link": _new_key()}


def _new_key() -> dict[str, str]:
    suite = os.environ.get("LIANXIN_CRYPTO_SUITE", "aes")
    return {"id": secrets.token_hex(4), "suite": suite, "secret": secrets.token_hex(32)}


def _add(name: str) -> Key:
    with _changing() as content:
        content[name].append(_new_key())
        return _key(content[name][-1])


@contextmanager
def _changing() -> Iterator[dict[str, Any]]:
    """The ring's content, written back whole: readers see the old file or the new one."""
    if os.environ.get("LIANXIN_KEY_RING"):
        message = "the ring comes from LIANXIN_KEY_RING: change it there, or use LIANXIN_KEY_RING_FILE"
        raise CannotOpen(message)
    ring()
    path = _path()
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        content = json.loads(path.read_text(encoding="utf-8"))
        yield content
        draft = _draft(path, json.dumps(content))
        draft.replace(path)


def _put_first(path: Path, content: str) -> None:
    """Write a file unless it is there: of two processes that start together, both go on with one content."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        # A link, unlike a rename, never replaces what another process has just put there.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _draft(path: Path, content: str) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _path() -> Path:
    named = os.environ.get("LIANXIN_KEY_RING_FILE")
    return Path(named) if named else _ring_in(os.environ.get("LIANXIN_HOME"))


def _keys() -> Path:
    return _keys_in(os.environ.get("LIANXIN_HOME"))


# Finding the home, and putting a path together, take longer than sealing a value.
@functools.lru_cache(maxsize=8)
def _keys_in(_named: str | None) -> Path:
    return home() / "keys"


@functools.lru_cache(maxsize=8)
def _ring_in(named: str | None) -> Path:
    return _keys_in(named) / "ring.json"

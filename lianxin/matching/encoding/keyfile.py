"""The shared key: made once, carried from one department to the other by hand, never shown."""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from cryptography.hazmat.primitives import hashes, hmac

from lianxin.matching.problems import problem_with
from lianxin.matching.words import Words

Hash = Literal["sha256", "sm3"]
HASHES: dict[str, type[hashes.HashAlgorithm]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}
LENGTH = 32
# The first line of a key file; the second names the hash, the third is the key, the fourth a digest against slips.
TITLE = "lianxin match key 1"
_LINES = 4
# 32 random bytes have fewer different ones than this once in 10^20 files; typed ones nearly always.
_LEAST_DIFFERENT = 16
_LONGEST_FILE = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the hash it is used with. Never printed: `repr` shows the fingerprint alone."""

    secret: bytes = field(repr=False)
    hash: Hash = "sha256"

    @property
    def fingerprint(self) -> str:
        """Sixteen figures that tell two keys apart and tell nothing about them."""
        return self.mac("fingerprint", b"").hex()[:16]

    def mac(self, purpose: str, message: bytes) -> bytes:
        """The keyed hash (HMAC) of a message, for one purpose."""
        made = self.started(purpose)
        made.update(message)
        return made.finalize()

    def started(self, purpose: str) -> hmac.HMAC:
        """A keyed hash that has heard the purpose; copy it for each message."""
        made = hmac.HMAC(self.secret, HASHES[self.hash]())
        made.update(f"{TITLE}|{purpose}|".encode())
        return made


def make_key(path: Path, *, kind: Hash = "sha256") -> Key:
    """Write a new random key, readable by its owner alone. Never replaces a file. Raises ``Problem``."""
    key = Key(secrets.token_bytes(LENGTH), kind)
    text = base64.urlsafe_b64encode(key.secret).decode("ascii")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise problem_with(path, "key_exists", _EXISTS) from None
    except OSError:
        raise problem_with(path, "target_closed", _CLOSED) from None
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{TITLE}\n{kind}\n{text}\n{_check(kind, text)}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return key


def load_key(path: Path) -> Key:
    """Read a key file. Raises ``Problem``, whose sentence holds nothing of the file's content."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST_FILE + 1) if stat.S_ISREG(mode) else b""
    except OSError:
        raise problem_with(path, "key_missing", _MISSING) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise problem_with(path, "key_open", _OPEN)
    return _parsed(content, path)


def _parsed(content: bytes, path: Path) -> Key:
    lines = content.decode("ascii", "replace").split()
    words = content.decode("ascii", "replace").splitlines()
    if len(content) > _LONGEST_FILE or not words or words[0].strip() != TITLE:
        raise problem_with(path, "key_unknown", _UNKNOWN)
    parts = lines[len(TITLE.split()) :]
    if len(parts) != _LINES - 1 or parts[0] not in HASHES or parts[2] != _check(parts[0], parts[1]):
        raise problem_with(path, "key_damaged", _DAMAGED)
    try:
        secret = base64.b64decode(parts[1], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise problem_with(path, "key_damaged", _DAMAGED) from None
    if len(secret) < LENGTH or len(set(secret)) < _LEAST_DIFFERENT:
        raise problem_with(path, "key_weak", _WEAK)
    return Key(secret, cast("Hash", parts[0]))


def _check(kind: str, text: str) -> str:
    return hashlib.sha256(f"{TITLE}|{kind}|{text}".encode()).hexdigest()[:8]


_EXISTS = Words(
    "“{name}”已存在，不会覆盖：丢了旧密钥，用它编码的名单就再也对不上；请换一个文件名。",
    "“{name}” is there already and is not replaced: without the old key, lists encoded with it can no longer be "
    "linked. Choose another name.",
)
_CLOSED = Words(
    "不能写到“{name}”：请检查文件夹是否存在、是否可写。",
    "“{name}” cannot be written: check that its folder is there and may be written to.",
)
_MISSING = Words(
    "打不开密钥文件“{name}”：请检查路径和读取权限。",
    "The key file “{name}” cannot be opened: check the path and that you may read it.",
)
_OPEN = Words(
    "密钥文件“{name}”别人也能读：请先执行 chmod 600；若可能已被人看过，请换新密钥。",
    "The key file “{name}” can be read by others: run chmod 600 on it first; if somebody may have seen it, make a "
    "new key.",
)
_UNKNOWN = Words(
    "“{name}”不是密钥文件：密钥由 lianxin match encode --new-key 生成。",
    "“{name}” is not a key file: keys are made by lianxin match encode --new-key.",
)
_DAMAGED = Words(
    "密钥文件“{name}”不完整或被改动过：请向给密钥的部门重新要一份。",
    "The key file “{name}” is incomplete or was changed: ask the department that gave it to you for another copy.",
)
_WEAK = Words(
    "密钥文件“{name}”里的密钥太短或太简单：请用 --new-key 生成新密钥，不要自己编写。",
    "The key in “{name}” is too short or too simple: make a new one with --new-key, do not write one yourself.",
)

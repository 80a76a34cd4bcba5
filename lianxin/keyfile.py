"""Keys that an installation makes for itself."""

import os
import secrets
from pathlib import Path

from lianxin.home import home


def session_key() -> str:
    """The key that signs sessions and forms: LIANXIN_SECRET_KEY, or one made at first use and kept in the home."""
    given = os.environ.get("LIANXIN_SECRET_KEY")
    return given or kept(home() / "keys" / "session-key")


def kept(path: Path) -> str:
    """The secret in this file, made on first use. Two first uses at once agree on one."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, never replaces the key that another process has just put there.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()

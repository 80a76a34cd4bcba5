"""Paths as SQL takes them in."""

from pathlib import Path


def quoted(path: Path) -> str:
    """A path inside the quotes of SQL."""
    return str(path).replace("'", "''")

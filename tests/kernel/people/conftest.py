"""The cast for these tests, and a key ring of their own where keys are turned."""

from pathlib import Path

import pytest
from django.db import connection

from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring that a test may rotate and drop without disturbing the others."""
    monkeypatch.setenv("LIANXIN_HOME", str(tmp_path))


def everything_stored() -> str:
    """Every table of the database as text, bytes in hex, as a thief of the database would read it."""
    pages = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            pages += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(pages)

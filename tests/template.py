"""The tables of the test database: made by the migrations once, kept as a template, and copied by later runs.

Django migrates the copy as well, which does nothing unless a migration is new; one that was edited, or the code that
it is made by, gives the template another name.
"""

import hashlib
import re
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL

_OURS = re.compile(rb"^(?:from|import) (lianxin[\w.]+)", re.MULTILINE)


def use() -> None:
    """Have the test database copied from the template, where there is one of these migrations."""
    name = _name()
    if name in _templates():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = name


def keep() -> None:
    """Keep the test database, which holds no row yet, as the template; those of other migrations go."""
    name, found = _name(), _templates()
    if name in found:
        return
    made = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        for other in found:
            cursor.execute(f'DROP DATABASE IF EXISTS "{other}"')
        # Two processes come here together: the slower one finds that the name is taken, or its copy begun.
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        if cursor.fetchone()[0] and name not in _templates():
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{made}"')


def _templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [settings.TEMPLATE_NAME]
        )
        return [name for (name,) in cursor.fetchall()]


def _name() -> str:
    return f"{settings.TEMPLATE_NAME}{digest()}"


def digest() -> str:
    """Names what the migrations make: another when one of them changes, or the code that it is made by."""
    told = hashlib.sha256(django.__version__.encode())
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        told.update(repr(key).encode())
        source = _source(migration.__module__)
        told.update(source)
        for module in _OURS.findall(source):
            told.update(_source(module.decode()))
        for operation in migration.operations:
            if isinstance(operation, RunSQL):
                told.update(repr(operation.sql).encode())
    return told.hexdigest()[:12]


def _source(module: str) -> bytes:
    file = sys.modules[module].__file__
    return Path(file).read_bytes() if file else b""

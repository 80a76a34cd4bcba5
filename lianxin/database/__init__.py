"""The one PostgreSQL behind the product: an embedded server under LIANXIN_HOME, or the one DATABASE_URL names."""

import os
from typing import Any

from lianxin.database import external, holding
from lianxin.database.address import ROLE_VARIABLE, django_settings, from_url
from lianxin.database.embedded import Embedded
from lianxin.database.pooling import pool_options
from lianxin.database.problems import DatabaseProblem
from lianxin.home import home

__all__ = ["DatabaseProblem", "connection_settings", "embedded_server", "ensure", "pool_options"]


def embedded_server() -> Embedded | None:
    """The embedded server of this home, or None where DATABASE_URL names another."""
    return None if os.environ.get("DATABASE_URL") else Embedded(home())


def connection_settings() -> dict[str, Any]:
    """What Django needs to connect. Computed from the environment alone; touches neither disk nor server."""
    url = os.environ.get("DATABASE_URL")
    role = os.environ.get(ROLE_VARIABLE)
    if url:
        return django_settings(from_url(url), role=role)
    return django_settings(Embedded(home()).address, role=role)


def ensure() -> None:
    """Make the database answer: start and create the embedded one, or prove and prepare the named one.

    Safe to call from many processes at once and many times in one. The embedded server is held until this
    process ends, however it ends.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        external.prepare(from_url(url))
    else:
        holding.hold(Embedded(home()))

"""Running PostgreSQL's client programs against an address: dump, restore, psql."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from lianxin.database import embedded
from lianxin.database.address import Address
from lianxin.database.problems import DatabaseProblem

VARIABLES = {
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "dbname": "PGDATABASE",
    "port": "PGPORT",
}
OTHERS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def client(name: str, server_version: int) -> str:
    """A client program fit for this server: the system's if it is as new as the server, else the wheel's own."""
    folders = [
        f"/usr/lib/postgresql/{server_version}/bin",
        f"/opt/homebrew/opt/postgresql@{server_version}/bin",
    ]
    for folder in folders:
        if os.access(Path(folder, name), os.X_OK):
            return str(Path(folder, name))
    try:
        return embedded.program(name)
    except DatabaseProblem:
        found = shutil.which(name)
        if found is None:
            message = (
                f"PostgreSQL's program {name} is not installed: install PostgreSQL {server_version}'s client."
            )
            raise DatabaseProblem(message) from None
        return found


def environment(address: Address) -> Mapping[str, str]:
    """The address as the variables of PostgreSQL's own programs, so that no password shows in a process list."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    given = {key: str(value) for key, value in address.parameters().items()}
    names = VARIABLES | OTHERS
    return kept | {names[key]: value for key, value in given.items() if key in names}

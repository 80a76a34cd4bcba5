"""Another PostgreSQL, named by DATABASE_URL: proved to be fit, and given our role where we come as superuser."""

import os
from dataclasses import replace

import psycopg
from psycopg import sql

from lianxin.database.address import ROLE, ROLE_VARIABLE, Address
from lianxin.database.problems import DatabaseProblem

OLDEST = 15
CONNECT_WITHIN = 10
# "lianxin" as a number, so that two first starts at once create the role and the database one after the other.
BOOTSTRAP_LOCK = 0x6C69616E78696E


def prepare(address: Address) -> None:
    """Connect, or say why not. A superuser gets the role `lianxin` to act as; others act as themselves."""
    try:
        connection = psycopg.connect(address.conninfo(), connect_timeout=CONNECT_WITHIN)
    except psycopg.OperationalError as error:
        if not _names_missing_database(error):
            message = f"The database {address} does not answer: {_first_line(error)}"
            raise DatabaseProblem(message) from error
        create(address)
        connection = psycopg.connect(address.conninfo(), connect_timeout=CONNECT_WITHIN)
    with connection:
        _prove_fit(connection, address)
        if connection.info.parameter_status("is_superuser") == "on":
            grant_role(connection)
            _assume(ROLE)
    connection.close()


def create(address: Address) -> None:
    """Create the database that DATABASE_URL names, from the server's own `postgres` database."""
    try:
        with psycopg.connect(
            replace(address, name="postgres").conninfo(), autocommit=True, connect_timeout=CONNECT_WITHIN
        ) as connection:
            bootstrap(connection, address.name, as_superuser=_is_superuser(connection))
    except psycopg.Error as error:
        message = f"The database {address} does not exist and could not be created: {_first_line(error)}"
        raise DatabaseProblem(message) from error


def bootstrap(connection: psycopg.Connection, name: str, *, as_superuser: bool) -> None:
    """Create the role and the database that are missing. Several processes may do this at once."""
    connection.execute("SELECT pg_advisory_lock(%s)", [BOOTSTRAP_LOCK])
    try:
        owner: sql.Composable = sql.SQL("CURRENT_USER")
        if as_superuser:
            owner = sql.Identifier(ROLE)
            create_role(connection)
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
            connection.execute(statement.format(sql.Identifier(name), owner))
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [BOOTSTRAP_LOCK])


def create_role(connection: psycopg.Connection) -> None:
    """Create the role that the application acts as: never a superuser, whom row-level security does not bind."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB").format(sql.Identifier(ROLE))
        )


def grant_role(connection: psycopg.Connection) -> None:
    """Let the role work in a database that belongs to somebody else."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [BOOTSTRAP_LOCK])
    create_role(connection)
    role, database = sql.Identifier(ROLE), sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT ALL ON DATABASE {} TO {}").format(database, role))
    connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(role))


def _assume(role: str) -> None:
    # Child processes read the variable; a process whose settings are already loaded gets them amended.
    os.environ.setdefault(ROLE_VARIABLE, role)
    from django.conf import settings

    if settings.configured:
        from lianxin.database import connection_settings

        settings.DATABASES["default"]["OPTIONS"] |= connection_settings()["OPTIONS"]


def _prove_fit(connection: psycopg.Connection, address: Address) -> None:
    version = connection.info.server_version // 10000
    if version < OLDEST:
        message = f"The database {address} is PostgreSQL {version}; {OLDEST} or newer is needed."
        raise DatabaseProblem(message)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        message = f"The database {address} is encoded as {encoding}; Chinese text needs UTF8."
        raise DatabaseProblem(message)


def _is_superuser(connection: psycopg.Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _names_missing_database(error: psycopg.OperationalError) -> bool:
    # A refused connection carries no SQLSTATE in psycopg, only the server's words.
    return "database" in str(error) and "does not exist" in str(error)


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[-1].strip()

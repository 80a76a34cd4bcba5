"""Where a database is: DATABASE_URL read into an address, and an address written as Django settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg.conninfo import make_conninfo

from lianxin.database.problems import DatabaseProblem

ROLE = "lianxin"
ROLE_VARIABLE = "LIANXIN_DATABASE_ROLE"
PORT = 5432

HOW = (
    "It should look like postgresql://user:password@host:5432/name or postgresql:///name?host=/socket/folder."
)


@dataclass(frozen=True)
class Address:
    """One database on one server. An empty host or user leaves the choice to the PostgreSQL client library."""

    name: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, str | int]:
        """The address under the names that PostgreSQL's client library has for its parts."""
        named = {
            "dbname": self.name,
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.port,
        }
        return {key: value for key, value in named.items() if value} | dict(self.options)

    def conninfo(self) -> str:
        """The address as psycopg.connect takes it."""
        return make_conninfo("", **self.parameters())

    def __str__(self) -> str:
        """The address without its password, fit for a message or a log."""
        return f"{self.name} at {self.host or 'the local socket'}{f':{self.port}' if self.port else ''}"


def from_url(url: str) -> Address:
    """Read DATABASE_URL; what cannot be read is refused without repeating the password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        message = f"DATABASE_URL cannot be read. {HOW}"
        raise DatabaseProblem(message) from error
    if parts.scheme not in {"postgres", "postgresql"}:
        message = (
            f"DATABASE_URL begins with {parts.scheme or 'no scheme'!r}; only PostgreSQL is supported. {HOW}"
        )
        raise DatabaseProblem(message)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    name = options.pop("dbname", "") or unquote(parts.path.lstrip("/"))
    if not name:
        message = f"DATABASE_URL names no database. {HOW}"
        raise DatabaseProblem(message)
    asked_port = options.pop("port", "")
    if asked_port and not asked_port.isdigit():
        message = f"DATABASE_URL asks for the port {asked_port!r}, which is not a number. {HOW}"
        raise DatabaseProblem(message)
    return Address(
        name=name,
        user=options.pop("user", "") or unquote(parts.username or ""),
        password=options.pop("password", "") or unquote(parts.password or ""),
        host=options.pop("host", "") or unquote(host),
        port=int(asked_port) if asked_port else port,
        options=options,
    )


def django_settings(address: Address, *, role: str | None) -> dict[str, Any]:
    """One entry of DATABASES. The role, where there is one, is what every connection acts as."""
    options: dict[str, object] = dict(address.options)
    if role:
        # A libpq option and not Django's assume_role: it also binds the job worker, which connects by itself.
        options["options"] = f"{options.get('options', '')} -c role={role}".strip()
    return {
        "ENGINE": "lianxin.database.engine",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": str(address.port or ""),
        "OPTIONS": options,
    }

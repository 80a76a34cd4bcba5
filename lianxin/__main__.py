"""The `lianxin` command: Django's command line under the product's name, with its database started first."""

import os
import sys
from typing import NoReturn

from lianxin import database

# Commands that neither ask the database anything nor may fail because it is down.
NEED_NO_DATABASE = {
    # Makes a home of its own, with a database in it.
    "bench",
    "check",
    "collectstatic",
    "compilemessages",
    "help",
    "makemessages",
    "makemigrations",
    # Works on files alone.
    "match",
    "startapp",
    "version",
}


def main() -> NoReturn:
    """Run one command and exit with its outcome."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianxin.settings")
    # `lianxin export-ledger` is the file export_ledger.py: Django names commands after modules.
    words = ["lianxin", *sys.argv[1:]]
    if len(words) > 1 and not words[1].startswith("-"):
        words[1] = words[1].replace("-", "_")
    if words[1:2] == ["demo"]:
        # Before the settings are read: a demonstration shows its codes, and is reached on this machine alone.
        os.environ.setdefault("LIANXIN_DEMO", "1")
        os.environ.setdefault("LIANXIN_LOOPBACK_HTTP", "1")
    from django.core.management import ManagementUtility

    try:
        if needs_database(words[1:]):
            database.ensure()
        ManagementUtility(words).execute()
    except database.DatabaseProblem as problem:
        sys.exit(f"lianxin: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def needs_database(words: list[str]) -> bool:
    """Whether this command line will ask the database anything."""
    if not words or words[0].startswith("-") or {"-h", "--help", "--version"} & set(words[1:]):
        return False
    return words[0] not in NEED_NO_DATABASE


if __name__ == "__main__":
    main()

"""``lianxin openapi``: write the API's description, or check that the committed one is true."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lianxin.api.urls import api
from lianxin.home import CODE

COMMITTED = CODE.parent / "openapi.json"


def described() -> str:
    """The OpenAPI description as it is committed."""
    return (
        json.dumps(
            api.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=1, sort_keys=True
        )
        + "\n"
    )


class Command(BaseCommand):
    """Write ``openapi.json``, or with ``--check`` compare it."""

    help = "Write openapi.json, or with --check say whether the committed one is true."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and whether to compare only."""
        parser.add_argument(
            "--out", type=Path, default=COMMITTED, help="the file to write (default: openapi.json)"
        )
        parser.add_argument("--check", action="store_true", help="compare, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; exits with 1 when the committed description is not the API's."""
        text = described()
        if not options["check"]:
            options["out"].write_text(text, encoding="utf-8")
        elif not options["out"].is_file() or options["out"].read_text(encoding="utf-8") != text:
            message = f"{options['out'].name} is not what the API says: run lianxin openapi"
            raise CommandError(message)

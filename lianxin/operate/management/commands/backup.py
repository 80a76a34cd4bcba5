"""`lianxin backup`."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from lianxin.database import DatabaseProblem
from lianxin.home import home
from lianxin.operate import backups


class Command(BaseCommand):
    """Makes or checks a backup."""

    help = "Write the database and the attachments into a new folder, or --check such a folder."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("folder", nargs="?", type=Path, help="where to (LIANXIN_HOME/backups/<time>)")
        parser.add_argument(
            "--with-keys",
            action="store_true",
            help="include the keys: without them sealed values stay sealed for ever, with them anybody can open them",
        )
        parser.add_argument(
            "--check", action="store_true", help="only prove that the backup in the folder is whole"
        )
        parser.add_argument("--json", action="store_true", help="print the manifest for a program to read")

    def handle(self, *_args: object, **options: Any) -> None:
        """Make it, or check it."""
        folder, as_json = options["folder"], options["json"]
        try:
            if options["check"]:
                if folder is None:
                    message = "Which backup? Give its folder."
                    raise CommandError(message)
                manifest = backups.check(folder.absolute())
            else:
                stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
                folder = (folder or home() / "backups" / stamp).absolute()
                say = self.stderr.write if as_json else self.stdout.write
                manifest = backups.make(
                    backups.source(home()), folder, with_keys=options["with_keys"], say=say
                )
        except (backups.BackupProblem, DatabaseProblem, psycopg.Error) as problem:
            raise CommandError(str(problem).strip()) from problem
        except OSError as error:
            message = f"{error.filename or folder}: {error.strerror}"
            raise CommandError(message) from error
        if as_json:
            self.stdout.write(json.dumps({"folder": str(folder), "ok": True} | manifest, ensure_ascii=False))
            return
        rows, files = sum(manifest["rows"].values()), len(manifest["files"])
        self.stdout.write(f"{folder} is whole: {rows} rows, {files} files.")
        if not manifest["with_keys"]:
            self.stdout.write(
                "It holds no keys: keep LIANXIN_HOME/keys somewhere else, or nobody can open sealed values."
            )

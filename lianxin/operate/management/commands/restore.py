"""`lianxin restore`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from lianxin.database import DatabaseProblem
from lianxin.home import home
from lianxin.operate import backups


class Command(BaseCommand):
    """Restores a backup."""

    help = "Restore a backup made by `lianxin backup`; what is there now is set aside, not lost."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("folder", type=Path, help="the backup's folder")
        parser.add_argument("--replace", action="store_true", help="set aside what is there now")
        parser.add_argument("--with-keys", action="store_true", help="restore the keys of the backup as well")

    def handle(self, *_args: object, **options: Any) -> None:
        """Restore, and say what was set aside."""
        try:
            aside = backups.restore(
                options["folder"].absolute(),
                backups.source(home()),
                with_keys=options["with_keys"],
                do_replace=options["replace"],
                say=self.stdout.write,
            )
        except (backups.BackupProblem, DatabaseProblem, psycopg.Error) as problem:
            raise CommandError(str(problem).strip()) from problem
        except OSError as error:
            message = f"{error.filename}: {error.strerror}"
            raise CommandError(message) from error
        self.stdout.write("Restored, and every table has the rows that were backed up.")
        for thing in aside:
            self.stdout.write(f"Set aside: {thing}")

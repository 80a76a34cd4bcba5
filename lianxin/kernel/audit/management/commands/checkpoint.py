"""`lianxin checkpoint`: seal what the log holds since the last checkpoint."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lianxin.kernel import clock
from lianxin.kernel.audit.checkpoints import seal_all


class Command(BaseCommand):
    """Runs by the clock in production; running it twice does no harm."""

    help = "Seal all new log entries into signed checkpoints, and anchor them outside the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="the checkpoints made, as a JSON list")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seal and report."""
        made = seal_all(at=clock.now())
        if options["json"]:
            told = [{"number": c.number, "size": c.size, "root": c.root.hex()} for c in made]
            self.stdout.write(json.dumps(told))
            return
        for checkpoint in made:
            self.stdout.write(
                f"checkpoint {checkpoint.number}: {checkpoint.size:,} entries, {checkpoint.root.hex()}"
            )
        if not made:
            self.stdout.write("没有新的记录。 Nothing new to seal.")

"""`lianxin rotate-keys`: a new key, and everything under it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lianxin.kernel.keyring import CannotOpen
from lianxin.kernel.people.rotation import drop_old_keys, rotate
from lianxin.kernel.refusals import Refused


class Command(BaseCommand):
    """May be stopped at any moment and run again."""

    help = "Add a key and bring what is sealed under it. Stopped midway, go on with --resume."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which keys."""
        parser.add_argument("--resume", action="store_true", help="add no key; only finish what is left over")
        parser.add_argument("--blind", action="store_true", help="a new key for the blind indexes, too")
        parser.add_argument("--drop", action="store_true", help="take old keys off the ring; nothing else")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rotate, or drop."""
        try:
            if options["drop"]:
                self.stdout.write(f"{drop_old_keys()} old keys dropped.")
                return
            new = not options["resume"]
            count = rotate(new_key=new, new_blind_key=new and options["blind"], progress=self._tell)
        except (CannotOpen, Refused) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{count:,} values brought under the current keys.")

    def _tell(self, part: str, done: int) -> None:
        self.stderr.write(f"{part}: {done:,}")

"""`lianxin load-rewards`: bring the reward scales to what the data files say."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lianxin.kernel.reference.loading import BadData
from lianxin.safety.loading import FOLDER, load_rewards


class Command(BaseCommand):
    """See the module."""

    help = "Load the dated reward scales; the regions they name must be there (load-regions)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and the shape of the answer."""
        parser.add_argument(
            "folder", nargs="?", type=Path, default=FOLDER / "rewards", help="default: our own scales"
        )
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer with one JSON object")

    def handle(self, *, folder: Path, as_json: bool, **_: Any) -> None:
        """Load and say how many rows there are."""
        try:
            rows = load_rewards(folder)
        except BadData as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(json.dumps({"rules": rows}) if as_json else f"{rows} reward rules")

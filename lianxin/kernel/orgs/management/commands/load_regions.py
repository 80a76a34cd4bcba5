"""`lianxin load-regions`: bring the national list of region codes into the database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.orgs.regions import load_regions


class Command(BaseCommand):
    """See the module."""

    help = "Load the national list of region codes, retired ones included. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The shape of the answer."""
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer with one JSON object")

    def handle(self, *, as_json: bool, **_: Any) -> None:
        """Load, and say what changed."""
        counts = {"changed": load_regions(), "regions": Region.objects.count()}
        words = f"{counts['regions']} region codes, {counts['changed']} added or changed"
        self.stdout.write(json.dumps(counts) if as_json else words)

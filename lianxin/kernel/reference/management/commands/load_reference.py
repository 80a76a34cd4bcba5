"""`lianxin load-reference`: bring dictionaries and parameters to what the data files say."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from lianxin.kernel.reference.loading import BadData, Loaded, load_reference


class Command(BaseCommand):
    """See the module."""

    help = "Load dictionaries and dated parameters from the data files of the apps, or from given folders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Folders, and the shape of the answer."""
        parser.add_argument(
            "folders", nargs="*", type=Path, help="default: the data folder of every app of ours"
        )
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer with one JSON object")

    def handle(self, *, folders: list[Path], as_json: bool, **_: Any) -> None:
        """Load folder by folder and say what changed."""
        total = Loaded()
        for folder in folders or data_folders():
            try:
                total += load_reference(folder)
            except BadData as fault:
                raise CommandError(str(fault)) from None
        self.stdout.write(_as_json(total) if as_json else _in_words(total))


def data_folders() -> list[Path]:
    """The ``data`` folders of our apps that hold dictionaries or parameters."""
    ours = [Path(app.path) for app in apps.get_app_configs() if app.name.startswith("lianxin.")]
    return [folder for path in ours if any((folder := path / "data").glob("*.toml"))]


def _as_json(loaded: Loaded) -> str:
    return json.dumps({"added": loaded.added, "changed": loaded.changed, "kept": loaded.kept})


def _in_words(loaded: Loaded) -> str:
    return f"added {loaded.added}, changed {loaded.changed}, kept as set by hand {loaded.kept}"

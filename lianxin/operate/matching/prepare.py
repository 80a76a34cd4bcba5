"""`lianxin match prepare`: a roster made ready to be asked for one person at a time."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from lianxin.matching.linking import Limits
from lianxin.matching.lookup import prepare
from lianxin.matching.model import load_model
from lianxin.matching.tables import working_folder
from lianxin.matching.words import Progress, Words
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs


class Command(MatchCommand):
    """The deed."""

    help = "Make a roster ready for look-ups: a folder that may be copied, for this version of lianxin."

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""
        parser.add_argument("roster", type=Path, metavar="ROSTER", help="CSV, XLSX or Parquet")
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to be made")
        parser.add_argument("--model", type=Path, help="a trained model, instead of the one shipped")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it."""
        with working_folder(folder_of_runs()) as work:
            rows = prepare(
                options["roster"],
                options["out"],
                work=work,
                model=load_model(options["model"]) if options["model"] else None,
                mapping=options["mapping"],
                limits=Limits(memory=options["memory"], temporary=work),
                progress=progress,
            )
        return Answer({"rows": rows}, [_DONE.format(rows=rows)])


_DONE = Words("底册已备好：{rows:,} 人。", "The roster is ready: {rows:,} persons.")

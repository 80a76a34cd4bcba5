"""`lianxin match link`: two encodings in, yes, no or review out."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from lianxin.matching.encoding.running import run_link
from lianxin.matching.words import Progress, Words
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs


class Command(MatchCommand):
    """Needs no key, and should have none."""

    help = "Link two encodings; the answer is yes, no or review for each record of the right one, and nothing more."

    def options_of(self, parser: ArgumentParser) -> None:
        """Two encodings and where the answers go."""
        parser.add_argument("left", type=Path, metavar="LEFT", help="the encoding of the roster")
        parser.add_argument("right", type=Path, metavar="RIGHT", help="the encoding of the list")
        parser.add_argument("--out", type=Path, required=True, help="answers: .csv, .xlsx or .parquet")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Link them."""
        chosen = {name: options[name] for name in ("out", "memory")}
        answered = run_link(
            options["left"], options["right"], **chosen, above=folder_of_runs(), progress=progress
        )
        facts = {name: getattr(answered, name) for name in ("rows", "yes", "review", "no")}
        return Answer(facts, [_DONE.format(**facts)])


_DONE = Words(
    "共 {rows:,} 条：是 {yes:,}，待核对 {review:,}，否 {no:,}。",
    "{rows:,} records: {yes:,} yes, {review:,} to be reviewed, {no:,} no.",
)

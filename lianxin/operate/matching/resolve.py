"""`lianxin match resolve`: bring the answers about encodings back to one's own list."""

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lianxin.matching.encoding.resolving import ResolveOrder, run_resolve
from lianxin.matching.words import Progress, Words
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs


class Command(MatchCommand):
    """In each department, about its own list alone."""

    help = (
        "Bring the answers of lianxin match link back to your own list: own id, name, and yes, review or no."
    )

    def options_of(self, parser: ArgumentParser) -> None:
        """The answers, the list, and what joins them."""
        parser.add_argument("answers", type=Path, metavar="ANSWERS", help="made by lianxin match link")
        parser.add_argument("list", type=Path, metavar="LIST", help="your own list, as it was encoded")
        ids = parser.add_mutually_exclusive_group(required=True)
        ids.add_argument("--ids", type=Path, help="new and own ids, written when the list was encoded")
        ids.add_argument("--keep-ids", action="store_true", help="the list was encoded with --keep-ids")
        parser.add_argument("--out", type=Path, required=True, help="result: .csv, .xlsx or .parquet")
        parser.add_argument(
            "--side", choices=("left", "right"), help="where your list stood in the linking (found out)"
        )

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Bring them back."""
        order = ResolveOrder(
            roster=options["list"],
            **{name: options[name] for name in ("answers", "out", "ids", "side", "mapping", "memory")},
        )
        resolved = run_resolve(order, above=folder_of_runs(), progress=progress)
        facts = asdict(resolved)
        return Answer(facts, [_DONE.format(**facts)])


_DONE = Words(
    "本部门 {rows:,} 条：是 {yes:,}，待核对 {review:,}，否 {no:,}。",
    "{rows:,} records of your list: {yes:,} yes, {review:,} to be reviewed, {no:,} no.",
)

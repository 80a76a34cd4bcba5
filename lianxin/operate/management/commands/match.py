"""`lianxin match`: the comparison itself, and the way to the deeds beside it (`lianxin match lookup …`)."""

import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from lianxin.matching.engines import Opening
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.problems import Problem
from lianxin.matching.running import Order, Outcome, run
from lianxin.matching.words import Progress, Words
from lianxin.operate.matching import DEEDS
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs, notices


class Command(MatchCommand):
    help = "Find the same persons in two lists, or twice in one (--dedupe); needs no database."

    def run_from_argv(self, argv: list[str]) -> None:
        """`lianxin match lookup …` is a deed of its own; everything else compares lists."""
        _, command, *words = argv
        if words and words[0] in DEEDS:
            module, _ = DEEDS[words[0]]
            deed: MatchCommand = import_module(module).Command()
            deed.run_from_argv([argv[0], f"{command} {words[0]}", *words[1:]])
        else:
            super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """With the other deeds named below the options."""
        deeds = "\n".join(f"  {name:10}{words.en}" for name, (_, words) in DEEDS.items())
        if deeds:
            kwargs |= {
                "formatter_class": RawDescriptionHelpFormatter,
                "epilog": f"deeds of their own, each with --help:\n{deeds}",
            }
        return super().create_parser(prog_name, subcommand, **kwargs)

    def options_of(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "lists", nargs="+", type=Path, metavar="LEFT [RIGHT]", help="CSV, XLSX or Parquet"
        )
        parser.add_argument("--out", type=Path, required=True, help="pairs: .csv, .xlsx or .parquet")
        parser.add_argument("--dedupe", action="store_true", help="find doubles in one list")
        parser.add_argument(
            "--engine", choices=("duckdb", "spark"), default="duckdb", help="what reckons (duckdb)"
        )
        parser.add_argument("--master", help="Spark's master, such as spark://host:7077 (SPARK_MASTER)")
        parser.add_argument("--shared", help="folder that all of Spark's machines share (SPARK_SHARED)")
        parser.add_argument(
            "--wait", type=float, default=120, help="seconds without a Spark worker before giving up (120)"
        )
        parser.add_argument("--model", type=Path, help="a trained model, instead of the one shipped")
        kind = parser.add_mutually_exclusive_group()
        for name in ("one-to-one", "one-to-many"):
            kind.add_argument(
                f"--{name}",
                dest="cardinality",
                action="store_const",
                const=name,
                help="how often a person pairs",
            )
        parser.set_defaults(cardinality="one-to-one")
        parser.add_argument(
            "--review",
            type=Path,
            help="also write the pairs to be reviewed, with both records: .xlsx or .csv",
        )
        parser.add_argument(
            "--review-matches", type=int, default=0, metavar="N", help="with so many of the matches, by lot"
        )
        parser.add_argument("--answers", type=Path, help="a review filled in: what it says stands")
        parser.add_argument("--any-order", action="store_true", help="the right list may be the larger one")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        lists = options["lists"]
        if len(lists) != (1 if options["dedupe"] else 2):
            raise CommandError(_WRONG_NUMBER.spoken(options["lang"]))
        if options["dedupe"] and options["answers"]:
            raise CommandError(_NO_ANSWERS.spoken(options["lang"]))
        order = Order(
            left=lists[0],
            right=None if options["dedupe"] else lists[1],
            language=options["lang"],
            engine=_engine(options),
            **{name: options[name] for name in _OPTIONS},
        )
        outcome = run(order, above=folder_of_runs(), progress=progress)
        told = _summary(outcome)
        return Answer(told, [*notices(outcome.rosters), _DONE.format(**told)])


_OPTIONS = (
    "out",
    "model",
    "mapping",
    "memory",
    "cardinality",
    "any_order",
    "review",
    "review_matches",
    "answers",
)


def _engine(options: dict[str, Any]) -> Opening:
    if options["engine"] == "duckdb":
        return open_duckdb
    from lianxin.matching.engines.cluster import check_ready
    from lianxin.matching.engines.spark import open_spark

    master = options["master"] or os.environ.get("SPARK_MASTER")
    if not master:
        raise Problem("spark_unnamed", _NO_MASTER)
    # Before the lists are read, which may take minutes.
    check_ready(master)
    shared = options["shared"] or os.environ.get("SPARK_SHARED")
    return open_spark(master, shared=shared, wait=options["wait"])


_NO_MASTER = Words(
    "请用 --master（或环境变量 SPARK_MASTER）指明 Spark 主节点，如 spark://主机:7077。",
    "Name Spark's master with --master (or SPARK_MASTER), such as spark://host:7077.",
)
_WRONG_NUMBER = Words(
    "请给出两份名单（左、右）；或用 --dedupe 加一份名单。",
    "Give two lists, left and right; or --dedupe and one.",
)
_NO_ANSWERS = Words("--answers 只用于两份名单的比对。", "--answers is for the comparison of two lists.")
_DONE = Words(
    "写出 {pairs:,} 对：{matches:,} 对匹配，{reviews:,} 对待人工核对。",
    "{pairs:,} pairs written: {matches:,} match, {reviews:,} to be reviewed.",
)


def _summary(outcome: Outcome) -> dict[str, Any]:
    linked = outcome.linked
    return {
        "pairs": outcome.pairs,
        "candidates": linked.candidates,
        "matches": linked.matches,
        "reviews": linked.reviews,
        "rows": [roster.rows for roster in outcome.rosters],
        "noticed": [dict(roster.noticed) for roster in outcome.rosters],
        "seconds": outcome.seconds,
    }

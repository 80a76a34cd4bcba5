"""`lianxin match`."""

import json
import re
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from lianxin.home import home
from lianxin.matching.problems import Faulty, Problem
from lianxin.matching.running import Order, Outcome, run
from lianxin.matching.words import Language, Words

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class Command(BaseCommand):
    help = "Find the same persons in two lists, or twice in one (--dedupe); needs no database."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "lists", nargs="+", type=Path, metavar="LEFT [RIGHT]", help="CSV, XLSX or Parquet"
        )
        parser.add_argument("--out", type=Path, required=True, help="pairs: .csv, .xlsx or .parquet")
        parser.add_argument("--dedupe", action="store_true", help="find doubles in one list")
        parser.add_argument("--engine", choices=("duckdb",), default="duckdb", help="what reckons (duckdb)")
        parser.add_argument("--model", type=Path, help="a trained model, instead of the one shipped")
        parser.add_argument("--mapping", type=Path, help="TOML file that names other headings")
        parser.add_argument("--memory", type=_bytes, default=6 << 30, help="bound of memory (6GB)")
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
        parser.add_argument("--any-order", action="store_true", help="the right list may be the larger one")
        parser.add_argument(
            "--lang", choices=("zh", "en"), default="zh", help="language of reasons and messages (zh)"
        )
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer with one JSON object")

    def handle(self, *_args: object, **options: Any) -> None:
        lists, language = options["lists"], options["lang"]
        if len(lists) != (1 if options["dedupe"] else 2):
            raise CommandError(_WRONG_NUMBER.spoken(language))
        order = Order(
            left=lists[0],
            right=None if options["dedupe"] else lists[1],
            language=language,
            **{
                name: options[name]
                for name in ("out", "model", "mapping", "memory", "cardinality", "any_order")
            },
        )
        # So that a run told to stop removes its folder, as one that is interrupted does.
        signal.signal(signal.SIGTERM, _leave)
        try:
            outcome = run(order, above=home() / "matching", progress=_Told(self, language).say)
        except Problem as problem:
            if options["as_json"]:
                self.stdout.write(json.dumps(_as_json(problem), ensure_ascii=False, indent=1))
            raise CommandError(problem.spoken(language)) from None
        told = _summary(outcome)
        self.stdout.write(
            json.dumps(told, ensure_ascii=False, indent=1)
            if options["as_json"]
            else "\n".join([*_notices(outcome, language), _DONE.format(**told).spoken(language)])
        )


class _Told:
    """Progress on the error stream, with the time it may still take."""

    def __init__(self, command: Command, language: Language) -> None:
        self._command, self._language, self._begun = command, language, monotonic()

    def say(self, words: Words, share: float) -> None:
        taken = monotonic() - self._begun
        left = Words("", "")
        if share >= 0.05 and taken > 1:  # noqa: PLR2004 - less says nothing yet
            left = Words("，约剩 {n} 秒", ", about {n} s left").format(n=round(taken / share - taken))
        said = Words("{share} {words}{left}", "{share} {words}{left}").format(
            share=f"{share:4.0%}", words=words, left=left
        )
        self._command.stderr.write(said.spoken(self._language), self._command.style.NOTICE)


_WRONG_NUMBER = Words(
    "请给出两份名单（左、右）；或用 --dedupe 加一份名单。",
    "Give two lists, left and right; or --dedupe and one.",
)
_DONE = Words(
    "写出 {pairs:,} 对：{matches:,} 对匹配，{reviews:,} 对待人工核对。",
    "{pairs:,} pairs written: {matches:,} match, {reviews:,} to be reviewed.",
)


def _summary(outcome: Outcome) -> dict[str, Any]:
    linked = outcome.linked
    return {
        "pairs": outcome.pairs,
        "matches": linked.matches,
        "reviews": linked.reviews,
        "rows": [roster.rows for roster in outcome.rosters],
        "noticed": [dict(roster.noticed) for roster in outcome.rosters],
        "seconds": linked.seconds,
    }


def _notices(outcome: Outcome, language: Language) -> list[str]:
    return [words.spoken(language) for roster in outcome.rosters for words in roster.notices()]


def _as_json(problem: Problem) -> dict[str, Any]:
    faults = problem.faults if isinstance(problem, Faulty) else []
    return {
        "error": problem.code,
        "words": problem.words.as_dict(),
        "faults": [
            {"row": f.row, "column": f.column, "code": f.code, "words": f.words.as_dict()} for f in faults
        ],
    }


def _bytes(text: str) -> int:
    """6GB, 512M, 2000000000 as a number of bytes."""
    found = re.fullmatch(r"(\d+)\s*([KMG]?)I?B?", text.upper())
    if not found:
        raise ArgumentTypeError("such as 6GB or 512MB")
    return int(found[1]) * _UNITS[found[2]]


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(143)

"""`lianxin bench`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from lianxin import database
from lianxin.bench import lookup, report
from lianxin.bench.intake import Plan, measure, workflow_of
from lianxin.bench.match import report as match_report
from lianxin.bench.match.measuring import (
    PEERS,
    SEED,
    MatchPlan,
    MatchResult,
    measure_match,
    peers_of,
    shapes_of,
)
from lianxin.bench.province import Shape
from lianxin.bench.queue import QueuePlan, measure_queue
from lianxin.bench.serving import BenchProblem
from lianxin.home import home
from lianxin.kernel.cases.queues import Order
from lianxin.operate import serving

SETTINGS = "lianxin.bench.settings"
SIZES = (10_000, 100_000, 1_000_000)


class Command(BaseCommand):
    """Measures in a home of its own, which it makes and removes; touches no other installation."""

    help = (
        "Measure on this machine: reports arriving (`intake`), or a county officer's queue (`queue`), beside the bare "
        "limits of the same server and database; data comparison (`match`), beside its peers; or one person "
        "looked up in a prepared roster (`lookup`)."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        what = parser.add_subparsers(dest="what", required=True)
        intake = what.add_parser("intake", help="reports arriving: about four minutes")
        intake.add_argument("--kind", default="hazard", help="which kind of case is raised (hazard)")
        queue = what.add_parser("queue", help="a county officer's queue page: about eight minutes")
        queue.add_argument(
            "--sizes",
            type=_sizes,
            default=SIZES,
            help="numbers of cases, the smallest first (10000,100000,1000000)",
        )
        queue.add_argument(
            "--order",
            type=Order,
            choices=list(Order),
            default=Order.DUE,
            help="in which order it is read (due)",
        )
        queue.add_argument(
            "--shape",
            type=_shape,
            default=Shape(),
            help="cities, counties in each, towns in each, enterprises in each (6,10,20,69)",
        )
        for each, seconds in ((intake, 4.0), (queue, 5.0)):
            each.add_argument(
                "--seconds", type=float, default=seconds, help=f"length of a measurement ({seconds:g})"
            )
            each.add_argument("--rounds", type=int, default=3, help="rounds, whose median is told (3)")
            each.add_argument("--workers", type=int, default=2, help="processes that serve pages (2)")
            each.add_argument(
                "--threads", type=int, default=4, help="requests that each works on at a time (4)"
            )
            each.add_argument("--clients", type=int, default=8, help="kept connections that ask (8)")
            each.add_argument(
                "--explain", action="store_true", help="show the statements, and plans of the queue's"
            )
        match = what.add_parser("match", help="data comparison on invented lists: about twelve minutes")
        _add_match_options(match)
        one = what.add_parser(
            "lookup", help="one person after another, in a prepared roster: about two minutes"
        )
        one.add_argument("--rows", type=int, default=lookup.ROWS, help="persons in the roster (1000000)")
        one.add_argument("--questions", type=int, default=lookup.QUESTIONS, help="persons asked for (1000)")
        one.add_argument(
            "--seed", type=int, default=lookup.SEED, help=f"what the people are drawn from ({lookup.SEED})"
        )
        for each in (intake, queue, match, one):
            each.add_argument(
                "--json", dest="as_json", action="store_true", help="answer with one JSON object"
            )
            each.add_argument("--keep", action="store_true", help="keep the home that was measured in")
            each.add_argument(
                "--home", type=Path, help="folder in which to make it, on the disk to be measured"
            )

    def handle(self, *_args: object, **options: Any) -> None:
        """Measure: in a child process whose home is a new one."""
        signal.signal(signal.SIGTERM, _leave)
        try:
            if settings.SETTINGS_MODULE != SETTINGS:
                workflow_of(options.get("kind", "hazard"))
                sys.exit(_in_a_home_of_its_own(options))
            self._measure(options)
        except BenchProblem as problem:
            raise CommandError(str(problem)) from problem

    def _measure(self, options: dict[str, Any]) -> None:
        if options["what"] == "match":
            told = match_report.match(self._match(options))
        elif options["what"] == "lookup":
            told = self._look_up(options)
        else:
            told = self._with_a_database(options)
        self.stdout.write(
            json.dumps(told.facts, ensure_ascii=False, indent=1)
            if options["as_json"]
            else "\n".join(told.lines)
        )

    def _match(self, options: dict[str, Any]) -> MatchResult:
        names = ("seed", "peers", "files", "memory")
        plan = MatchPlan(
            shapes=options["sizes"], harsher=options["rates"], **{name: options[name] for name in names}
        )
        return measure_match(home() / "lists", plan, self._say)

    def _look_up(self, options: dict[str, Any]) -> report.Told:
        asked = {name: options[name] for name in ("rows", "questions", "seed")}
        figures = lookup.measure_lookup(home() / "lists", say=self._say, **asked)
        return lookup.told(figures, home())

    def _with_a_database(self, options: dict[str, Any]) -> report.Told:
        self._say("Starting a database")
        database.ensure()
        serving.bring_tables_up_to_date(migrate=True)
        serving.collect_static_files()
        shared = {name: options[name] for name in ("seconds", "rounds", "workers", "threads", "clients")}
        if options["what"] == "intake":
            plan = Plan(kind=options["kind"], texts=options["explain"], **shared)
            return report.intake(measure(home(), plan, self._say))
        queue_plan = QueuePlan(
            sizes=options["sizes"],
            shape=options["shape"],
            explain=options["explain"],
            order=options["order"],
            **shared,
        )
        return report.queue(measure_queue(home(), queue_plan, self._say))

    def _say(self, words: str) -> None:
        self.stderr.write(f"{words} …")


def _in_a_home_of_its_own(options: dict[str, Any]) -> int:
    """Run this command again under a new home, and remove the home whatever happens."""
    above: Path = options["home"] or home()
    above.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="bench-", dir=above))
    # PostgreSQL's own user, where there has to be one, passes through here.
    place.chmod(0o711)
    kept = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    variables = kept | {"LIANXIN_HOME": str(place), "DJANGO_SETTINGS_MODULE": SETTINGS}
    child = subprocess.Popen([sys.executable, "-m", "lianxin", *sys.argv[1:]], env=variables)
    try:
        return child.wait()
    except KeyboardInterrupt:
        # The terminal has told the child as well.
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        if options["keep"]:
            sys.stderr.write(f"Kept {place}\n")
        else:
            shutil.rmtree(place, ignore_errors=True)


def _leave(*_: object) -> NoReturn:
    """Asked to stop: unwind, so that servers are stopped and the home is removed; being asked again changes nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


# What would lead away from the bench's own home.
_OTHERS = frozenset(
    {
        "DATABASE_URL",
        "LIANXIN_DATABASE_ROLE",
        "LIANXIN_POOL",
        "LIANXIN_KEY_RING",
        "LIANXIN_DEBUG",
        "LIANXIN_DEMO",
    }
)


def _add_match_options(match: ArgumentParser) -> None:
    plan = MatchPlan()
    match.add_argument(
        "--sizes", type=shapes_of, default=plan.shapes, help="rows of roster and list (1000000x200000)"
    )
    match.add_argument("--seed", type=int, default=SEED, help=f"what the lists are drawn from ({SEED})")
    match.add_argument(
        "--rates",
        type=float,
        default=plan.harsher,
        help="how much oftener errors are in a second list, of another people (1.3); 0 leaves it out",
    )
    match.add_argument(
        "--peers",
        type=peers_of,
        default=plan.peers,
        help=f"who is measured beside it, of {','.join(PEERS)}, or none ({','.join(plan.peers)})",
    )
    match.add_argument(
        "--files", choices=("csv", "parquet"), default=plan.files, help="what the lists are (csv)"
    )
    match.add_argument("--memory", default=plan.memory, help="bound of memory of the command (6GB)")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(part) for part in text.replace("_", "").split(",")}))


def _shape(text: str) -> Shape:
    return Shape(*(int(part) for part in text.split(",")))

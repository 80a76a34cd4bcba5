"""`lianxin figures`."""

import json
import unicodedata
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lianxin.home import CODE
from lianxin.kernel.metrics.figures import Compared, compare, figures, read_facts


class Command(BaseCommand):
    """Counts every figure from rows and compares it with the fact it answers to."""

    help = "Count every published figure again from rows and compare it with what is expected."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument(
            "--facts", type=Path, default=CODE / "replay" / "facts.toml", help="the file of expected facts"
        )
        parser.add_argument("--json", action="store_true", help="print a list of objects instead of a table")

    def handle(self, *_args: object, **options: Any) -> None:
        """Compare, print, and fail if one fact does not hold."""
        try:
            facts = read_facts(options["facts"])
        except (OSError, ValueError, KeyError) as fault:
            message = f"cannot read the facts in {options['facts']}: {fault}"
            raise CommandError(message) from fault
        rows = compare(figures(), facts)
        if options["json"]:
            self.stdout.write(json.dumps([row.as_dict() for row in rows], ensure_ascii=False, indent=2))
        else:
            self._print_table(rows)
        self.stderr.write(_summary(rows, len(facts)))
        if not rows or not all(row.ok for row in rows):
            raise SystemExit(1)

    def _print_table(self, rows: list[Compared]) -> None:
        for row in rows:
            expected = "holds" if row.fact.op == "true" else f"{row.fact.op} {row.fact.expected}"
            cells = [
                _wide(row.fact.id, 34),
                _wide(expected, 14),
                _wide(_said(row), 14),
                _wide(row.fact.unit, 16),
            ]
            self.stdout.write(" ".join([*cells, "ok" if row.ok else "FAILS"]))
            for line in [*row.source.splitlines(), *([row.problem] if row.problem else [])]:
                self.stdout.write(f"    {line}")


def _said(row: Compared) -> str:
    if row.value is None:
        return "—"
    return (
        {True: "holds", False: "does not hold"}[row.value] if isinstance(row.value, bool) else str(row.value)
    )


def _summary(rows: list[Compared], facts: int) -> str:
    right = sum(row.ok for row in rows)
    absent = facts - len(rows)
    return f"{right} of {len(rows)} facts hold; {absent} belong to systems that are not here yet."


def _wide(text: str, width: int) -> str:
    """Padded on a terminal, where a Chinese character takes two columns."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - taken)

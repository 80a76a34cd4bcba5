"""`lianxin export-ledger`: funds as Beancount text, for an independent `bean-check`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.ledger.beancount import beancount_lines
from lianxin.kernel.ledger.models import Fund


class Command(BaseCommand):
    """Writes to standard output, or to a file that appears only when it is whole."""

    help = "Export funds as Beancount text; `bean-check FILE` recomputes every balance."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--fund`` and ``--out``."""
        parser.add_argument("--fund", type=int, metavar="N", help="the key of one fund; all funds without it")
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="where to write; standard output without it"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Export one moment of the ledger, whoever is working meanwhile."""
        with scope.use(scope.EVERYTHING), _one_moment():
            text = "\n".join(beancount_lines(_funds(options["fund"]))) + "\n"
        if options["out"] is None:
            self.stdout.write(text, ending="")
            return
        part = options["out"].with_name(options["out"].name + ".part")
        part.write_text(text, encoding="utf-8")
        part.replace(options["out"])
        self.stderr.write(f"{options['out']}")


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction in which entries and balances are of the same moment."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _funds(pk: int | None) -> list[Fund]:
    funds = Fund.objects.order_by("pk")
    if pk is None:
        return list(funds)
    chosen = list(funds.filter(pk=pk))
    if not chosen:
        message = f"there is no fund {pk}"
        raise CommandError(message)
    return chosen

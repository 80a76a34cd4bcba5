"""`lianxin serve`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lianxin.operate import serving


class Command(BaseCommand):
    """Serves the product."""

    help = "Serve the product. With --with-worker this one process also does the background jobs."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=int, default=1, help="processes that serve pages (1)")
        parser.add_argument(
            "--threads", type=int, default=4, help="requests that one process works on at a time (4)"
        )
        parser.add_argument("--with-worker", action="store_true", help="do background jobs as well")
        parser.add_argument(
            "--migrate", action="store_true", help="change the tables of a database in use if needed"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Prove that it can be served, then serve."""
        host, port = options["host"], options["port"]
        try:
            serving.prove_port_free(host, port)
            steps = serving.bring_tables_up_to_date(migrate=options["migrate"])
        except serving.NotServable as problem:
            raise CommandError(str(problem)) from problem
        if steps:
            self.stdout.write(f"Brought the database up to date ({steps} steps).")
        if serving.collect_static_files():
            self.stdout.write("Gathered the static files.")
        self.stdout.write(f"Serving on http://{host}:{port}/ — stop with Ctrl+C.")
        self.stdout.flush()
        serving.serve(
            host=host,
            port=port,
            workers=options["workers"],
            threads=options["threads"],
            with_worker=options["with_worker"],
        )

"""`lianxin worker`."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lianxin.operate import working


class Command(BaseCommand):
    """Does background jobs."""

    help = "Do background jobs until stopped. Several workers may run at once, on several machines."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--concurrency", type=int, default=2, help="jobs done at a time (2)")
        parser.add_argument(
            "--queue", action="append", dest="queues", help="only this queue; may be repeated"
        )
        parser.add_argument("--until-done", action="store_true", help="end when no job is left to do")

    def handle(self, *_args: object, **options: Any) -> None:
        """Work."""
        waits = not options["until_done"]
        if waits:
            self.stdout.write("Doing background jobs — stop with Ctrl+C.")
            self.stdout.flush()
        asyncio.run(working.work(concurrency=options["concurrency"], queues=options["queues"], wait=waits))

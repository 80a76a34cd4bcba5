"""``lianxin demo``."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from lianxin.kernel import clock
from lianxin.operate import serving
from lianxin.replay import demonstration


class Command(BaseCommand):
    help = "Replay the year of Yingkou, print its figures and the accounts, and serve it on this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop before serving")
        parser.add_argument(
            "--fresh", action="store_true", help="empty a demonstration's home and start over"
        )
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (8000)")

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            if not options["no_serve"]:
                serving.prove_port_free("127.0.0.1", options["port"])
            serving.bring_tables_up_to_date(migrate=True)
            demonstration.make_room(fresh=options["fresh"])
        except (serving.NotServable, demonstration.NotADemonstration) as problem:
            raise CommandError(str(problem)) from problem
        self._replay()
        call_command("figures", stdout=self.stdout)
        self._introduce()
        if not options["no_serve"]:
            call_command("serve", port=options["port"], with_worker=True, stdout=self.stdout)

    def _replay(self) -> None:
        if demonstration.is_complete():
            self.stdout.write("The year is here already; --fresh starts over.\n")
            return
        self.stdout.write("Replaying the year …")
        self.stdout.flush()
        begun = time.monotonic()
        demonstration.fill(at=clock.now())
        self.stdout.write(f"Replayed in {time.monotonic() - begun:.1f} s.\n")

    def _introduce(self) -> None:
        self.stdout.write(
            "\nAccounts (offices: password and the code shown on /demo/; workers: phone and code):\n"
        )
        for player in demonstration.players():
            way = player.get("phone") or f"{player['username']}  {player.get('password', '')}"
            self.stdout.write(f"  {player['role_zh']} {player['role_en']}: {way}  ({player['body_zh']})")
        self.stdout.write("")

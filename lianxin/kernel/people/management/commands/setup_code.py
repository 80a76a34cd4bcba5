"""`lianxin setup-code`: for the first administrator, and for one who has lost the password and has nobody above."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lianxin.kernel import clock, scope
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.setup_codes import issue_setup_code
from lianxin.kernel.refusals import Refused


class Command(BaseCommand):
    """Whoever runs the server may; the log says that the system did it."""

    help = "Issue a set-up code for somebody in an office; everything they signed in with before ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """For whom."""
        parser.add_argument("person", type=int, help="the number of the person, as in the log: person:NUMBER")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Issue it and print it once."""
        with scope.use(scope.EVERYTHING):
            person = Person.objects.filter(pk=options["person"], erased_at=None).first()
        if person is None:
            message = f"There is no person {options['person']}."
            raise CommandError(message)
        try:
            code, secret = issue_setup_code(person, actor=SYSTEM, at=clock.now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{secret}  good until {code.expires_at:%Y-%m-%d %H:%M %Z}, once")

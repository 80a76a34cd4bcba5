"""`lianxin partner-token`: keys of partner systems, made and revoked by whoever runs the installation."""

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lianxin.api.callers import SCOPES
from lianxin.kernel import clock, scope
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Token
from lianxin.kernel.people.tokens import create_token, revoke_token
from lianxin.kernel.refusals import Refused


class Command(BaseCommand):
    """A partner's token acts in nobody's office: it passes on reports, and reads what is public."""

    help = "Make, list and revoke the API tokens of partner systems. A secret is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Three deeds, each with its own options."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        create = deeds.add_parser("create", help="make a token and show its secret, once")
        create.add_argument("name", help="what it is for")
        create.add_argument("--organization", type=int, required=True, help="key of the body it belongs to")
        create.add_argument(
            "--scope", action="append", required=True, choices=sorted(SCOPES), help="may repeat"
        )
        create.add_argument("--days", type=int, default=365, help="how long it lasts (365)")
        create.add_argument("--json", action="store_true", help="for a program")
        deeds.add_parser("list", help="list them, the newest first")
        revoke = deeds.add_parser("revoke", help="end a token at once")
        revoke.add_argument("token", type=int, help="its key, as listed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one of them."""
        with scope.use(scope.EVERYTHING):
            {"create": self._create, "list": self._list, "revoke": self._revoke}[options["deed"]](options)

    def _create(self, options: dict[str, Any]) -> None:
        body = Organization.objects.filter(pk=options["organization"], active=True).first()
        if body is None:
            message = f"--organization {options['organization']}: no active organization has this key"
            raise CommandError(message)
        if options["days"] < 1:
            message = f"--days {options['days']}: at least one"
            raise CommandError(message)
        at = clock.now()
        token, secret = create_token(
            options["name"],
            organization=body,
            scopes=options["scope"],
            actor=SYSTEM,
            at=at,
            expires_at=at + timedelta(days=options["days"]),
        )
        if options["json"]:
            told = {"token": token.pk, "secret": secret, "scopes": token.scopes}
            self.stdout.write(json.dumps(told))
        else:
            self.stdout.write(f"Token {token.pk} of {body.label}. Its secret, shown this once:\n{secret}")

    def _list(self, _options: dict[str, Any]) -> None:
        for token in Token.objects.exclude(organization=None).select_related("organization").order_by("-pk"):
            ends = token.revoked_at or token.expires_at
            word = "revoked" if token.revoked_at else "until"
            stands = f"{word} {ends:%Y-%m-%d}" if ends else "without end"
            self.stdout.write(
                f"{token.pk}\t{token.prefix}…\t{token.name}\t{token.organization}\t{','.join(token.scopes)}\t{stands}"
            )

    def _revoke(self, options: dict[str, Any]) -> None:
        token = Token.objects.filter(pk=options["token"]).exclude(organization=None).first()
        if token is None:
            message = f"{options['token']}: no partner's token has this key"
            raise CommandError(message)
        try:
            revoke_token(token, actor=SYSTEM, at=clock.now())
        except Refused as refused:
            raise CommandError(refused.message.en) from refused
        self.stdout.write(f"Token {token.pk} is revoked.")

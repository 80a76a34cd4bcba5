"""`lianxin verify`: whether the log, and what hangs on it, is what it was."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lianxin.kernel.audit.verify import remarks, verify


class Command(BaseCommand):
    """Exits 0 when everything holds, 1 with one plain sentence for each finding."""

    help = "Recompute the whole log and say what was changed, removed, added or rolled back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="findings as a JSON list on standard output")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, report, exit."""
        findings = verify(progress=self._tell)
        if options["json"]:
            told = [
                {"code": f.code, "where": f.where, "zh": f.message.zh, "en": f.message.en} for f in findings
            ]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            for finding in findings:
                self.stdout.write(f"✗ {finding.message.zh}\n  {finding.message.en}")
            if not findings:
                self.stdout.write("✓ 日志完整。 The log is whole.")
            for remark in remarks():
                self.stdout.write(f"· {remark.zh}\n  {remark.en}")
        if findings:
            sys.exit(1)

    def _tell(self, part: str, done: int) -> None:
        self.stderr.write(f"{part}: {done:,}" if done else part)
